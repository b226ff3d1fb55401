/** An exclusive lock for a short task, freed by the kernel with its holder, however that ends. */
import type { Server } from 'node:net'
import { lockAddress, tryLock } from './abstract-socket.ts'
import { type Clock, systemClock } from './clock.ts'
import { failure, reasonOf } from './errors.ts'

/** How long to wait for who holds the lock, ms: an edit takes a few. */
const WAIT_MS_MAX = 10_000

/** Between two attempts, ms. */
const RETRY_MS = 20

/**
 * Does `task` while holding the lock called `name`, after waiting up to 10 s for whoever holds it. Throws `failed`
 * where it does not become free.
 */
export async function withAbstractLock<Result>(
  name: string,
  task: () => Promise<Result>,
  clock: Clock = systemClock,
): Promise<Result> {
  const lock = await acquire(name, clock)
  try {
    return await task()
  } finally {
    lock.close()
  }
}

async function acquire(name: string, clock: Clock): Promise<Server> {
  const address = lockAddress(name)
  const giveUpMs = clock.monotonicMs() + WAIT_MS_MAX
  for (;;) {
    const lock = await attempt(name, address)
    if (lock !== null) return lock
    if (clock.monotonicMs() >= giveUpMs) {
      const waited = `${WAIT_MS_MAX / 1000} s`
      throw failure(`another process has held the lock '${name}' for ${waited}: try again when it is done`)
    }
    await new Promise<void>((resolve) => clock.after(RETRY_MS, resolve))
  }
}

async function attempt(name: string, address: string): Promise<Server | null> {
  try {
    return await tryLock(address, (connection) => connection.destroy())
  } catch (error) {
    throw failure(`cannot take the lock '${name}': ${reasonOf(error)}`, error)
  }
}
