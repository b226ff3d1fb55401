/** One lamp per display: the lock that a lamp holds before it paints, and how a successor comes by it. */
import { connect, type Server, type Socket } from 'node:net'
import { endProcess, lockAddress, lockHolder, type ProcessIdentity, tryLock } from '../../platform/abstract-socket.ts'
import type { Clock } from '../../platform/clock.ts'
import { systemCode } from '../../platform/errors.ts'

/** The option by which a lamp process tells who its parent is, to whoever finds it in the list of processes. */
export const PARENT_OPTION = '--parent='

/** The holder of the lock is looked at this often, ms: it takes a walk through all processes. Its end is seen at once. */
const LOOK_MS = 1000

export interface LampLockOptions {
  readonly name: string
  readonly clock: Clock
  /** A holder whose parent is gone is left this long to end by itself, ms: `horizonMs` and a second. */
  readonly orphanMs: number
  /** Told once for each holder that keeps this lamp waiting, and its process where that can be seen. */
  readonly onWaiting: (pid: number | null) => void
  /** Told, once it is held, that another lamp waits for it. */
  readonly onSuccessor: () => void
  readonly signal: AbortSignal
}

export interface LampLock {
  release(): void
}

/** Waits until this process alone may paint the display. Rejects when `signal` aborts. */
export async function holdDisplay(options: LampLockOptions): Promise<LampLock> {
  const address = lockAddress(options.name)
  const watch = watchHolder(options, address)
  const waiters = new Set<Socket>()
  for (;;) {
    options.signal.throwIfAborted()
    // Who connects only waits for the end of the connection, which is the end of this process.
    const server = await tryLock(address, (socket) => {
      waiters.add(socket)
      options.onSuccessor()
      socket.on('error', () => socket.destroy())
      socket.on('close', () => waiters.delete(socket))
    })
    if (server === null) {
      await watch()
      await untilFreed(address, options)
    } else {
      const lock = { release: () => release(server, waiters) }
      if (!options.signal.aborted) return lock
      lock.release()
    }
  }
}

function release(server: Server, waiters: ReadonlySet<Socket>): void {
  server.close()
  for (const socket of waiters) socket.destroy()
}

/** Looks at the holder: says who it is, and ends it where it is an orphan that outlived every interval it could hold. */
function watchHolder({ clock, orphanMs, onWaiting }: LampLockOptions, address: string): () => Promise<void> {
  let known: ProcessIdentity | null | undefined
  let orphanSince: number | null = null
  return async () => {
    const holder = await lockHolder(address)
    if (known === undefined || holder?.startTime !== known?.startTime || holder?.pid !== known?.pid) {
      known = holder
      orphanSince = null
      onWaiting(holder?.pid ?? null)
    }
    if (holder === null || !isOrphan(holder)) return
    orphanSince ??= clock.monotonicMs()
    if (clock.monotonicMs() - orphanSince >= orphanMs) await endProcess(holder)
  }
}

/** Whether the process that started a lamp is gone: its parent is no longer the one that it was started with. */
function isOrphan({ parent, argv }: ProcessIdentity): boolean {
  const named = argv.find((argument) => argument.startsWith(PARENT_OPTION))
  return named !== undefined && Number(named.slice(PARENT_OPTION.length)) !== parent
}

/** Resolves when the holder's end is seen, or after a while. */
function untilFreed(address: string, { clock, signal }: LampLockOptions): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(address)
    const done = (): void => {
      cancel()
      signal.removeEventListener('abort', done)
      socket.destroy()
      resolve()
    }
    const cancel = clock.after(LOOK_MS, done)
    signal.addEventListener('abort', done)
    let isStuck = false
    socket.on('error', (error) => {
      // Any other error is the holder's end. One that was stopped long ago has no room for more that wait: then only
      // looking is left, and trying again at once would never end.
      isStuck = systemCode(error) === 'EAGAIN'
    })
    socket.on('close', () => isStuck || done())
  })
}
