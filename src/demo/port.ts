/** The ports of a demo's broker: the usual ones for the first demo of a machine, any free ones for others. */
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { lockAddress, tryLock } from '../platform/abstract-socket.ts'
import type { Clock } from '../platform/clock.ts'
import { failure, systemCode } from '../platform/errors.ts'

/** Where MQTT is spoken, and where the page is, unless that is taken. */
export const USUAL_PORTS = { mqtt: 1883, http: 8080 } as const

export interface ClaimedPort {
  readonly port: number
  /** Lets the next demo have the usual port. */
  release(): void
}

/**
 * A port of `host` that is free: `wanted`, or any. Between this look and the broker's own there is the start of a
 * process, in which another demo would find it free too: so a demo that wants it holds a lock for as long as it runs.
 */
export async function claimPort(host: string, wanted: number): Promise<ClaimedPort> {
  const lock = await tryLock(lockAddress(`the demo on port ${wanted} of ${host}`), (connection) => connection.destroy())
  // It lasts as long as the demo, and is no reason for one that cannot begin to stay.
  lock?.unref()
  const usual = lock === null ? null : await portIfFree(host, wanted)
  return { port: usual ?? (await portIfFree(host, 0)) ?? 0, release: () => lock?.close() }
}

/** The port that was asked for by `option`. Throws failure where it is taken: no other would do. */
export async function givenPort(host: string, port: number, option: string): Promise<ClaimedPort> {
  if ((await portIfFree(host, port)) === null) {
    throw failure(`--${option} is ${port}: that port is in use on ${host}; choose another, or leave the option out`)
  }
  return { port, release: () => {} }
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

/** Between two looks, ms. */
const LOOK_MS = 50

/** Calls `done` as soon as something listens there. Returns what cancels that. */
export function whenListening(
  { host, port }: { readonly host: string; readonly port: number },
  clock: Clock,
  done: () => void,
): () => void {
  let isOver = false
  let cancel = (): void => {}
  const look = (): void => {
    const socket = connect({ host, port })
    socket.once('connect', () => {
      socket.destroy()
      if (!isOver) done()
    })
    socket.once('error', () => {
      if (!isOver) cancel = clock.after(LOOK_MS, look)
    })
  }
  look()
  return () => {
    isOver = true
    cancel()
  }
}
