/** The port of a demo's broker: the usual one for the first demo of a machine, any free one for others. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { lockAddress, tryLock } from '../platform/abstract-socket.ts'
import { systemCode } from '../platform/errors.ts'

const PORT = 1883

export interface ClaimedPort {
  readonly port: number
  /** Lets the next demo have the usual port. */
  release(): void
}

/**
 * A port of `host` that is free. Between this look and the broker's own there is the start of a process, in which
 * another demo would find 1883 free too: so a demo that wants it holds a lock for as long as it runs.
 */
export async function claimPort(host: string): Promise<ClaimedPort> {
  const lock = await tryLock(lockAddress(`the demo on port ${PORT} of ${host}`), (connection) => connection.destroy())
  const usual = lock === null ? null : await portIfFree(host, PORT)
  return { port: usual ?? (await portIfFree(host, 0)) ?? 0, release: () => lock?.close() }
}

async function portIfFree(host: string, port: number): Promise<number | null> {
  const server = createServer()
  try {
    server.listen({ port, host, exclusive: true })
    await once(server, 'listening')
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : null
  } catch (error) {
    if (systemCode(error) === 'EADDRINUSE') return null
    throw error
  } finally {
    await new Promise((resolve) => server.close(resolve))
  }
}
