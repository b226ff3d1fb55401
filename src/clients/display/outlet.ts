/**
 * Text on its way to a descriptor, handed over without waiting for who reads it: a frozen terminal (Ctrl-S), a pipe that
 * nobody empties. Only who closes it waits, a moment: the last word may be what gives a terminal back.
 *
 * Every write is synchronous, on a descriptor that does not block: it is done when `send` returns, or it did not
 * happen. An asynchronous write would not do: a stuck one keeps a thread of Node's pool for ever, and `process.exit`
 * then waits for that thread.
 */
import fs from 'node:fs'
import net from 'node:net'
import type { Clock } from '../../platform/clock.ts'
import { failure, reasonOf, systemCode } from '../../platform/errors.ts'
import type { OnFault } from './display.ts'
import { oncePerKind } from './faults.ts'

/** A reader that took nothing is tried again after this long, ms: soon enough for an eye, too seldom to cost. */
export const RETRY_MS = 100

/** For the reader to take what waits at the end, ms: less than the silence of a lamp that counts as death. */
const CLOSING_MS = 100

/** Between two attempts then, ms. */
const CLOSING_RETRY_MS = 5

export interface OutletOptions {
  readonly clock: Clock
  readonly onFault: OnFault
  /** Texts that may wait for the reader. Over it, the oldest are dropped; 1: the newest wins. */
  readonly waitingMax: number
}

export interface Outlet {
  /** Hands over `text` whole, now or when the reader takes some again. Returns whether nothing is left waiting. */
  send(text: string): boolean
  /** Drops what waits and is not taken within a moment. The descriptor given stays open: it is its owner's. */
  close(): void
}

/** Opens nothing yet: a descriptor that cannot be written to is told to `onFault` by each `send` that fails on it. */
export function openOutlet(fd: number, { clock, onFault, waitingMax }: OutletOptions): Outlet {
  const faults = oncePerKind(onFault)
  const queue: Buffer[] = []
  // Whether a part of the first text is already out. It is then never dropped, or the next would be garbled.
  let begun = false
  let target: Target | null = null
  let cancelRetry = (): void => {}

  const flush = (): boolean => {
    cancelRetry()
    try {
      target ??= withoutBlocking(fd)
      for (let text = queue[0]; text !== undefined; text = queue[0]) {
        const taken = writeSome(target.fd, text)
        if (taken < text.length) {
          begun ||= taken > 0
          queue[0] = text.subarray(taken)
          cancelRetry = clock.after(RETRY_MS, flush)
          return false
        }
        queue.shift()
        begun = false
      }
      faults.over()
      return true
    } catch (error) {
      queue.length = 0
      begun = false
      faults.raise(error)
      return false
    }
  }

  let closed = false
  return {
    send(text) {
      if (closed) return false
      queue.push(Buffer.from(text))
      const firstWaiting = begun ? 1 : 0
      if (queue.length - firstWaiting > waitingMax) queue.splice(firstWaiting, 1)
      return flush()
    },
    close() {
      if (closed) return
      closed = true
      for (let ms = 0; queue.length > 0 && ms < CLOSING_MS && !flush(); ms += CLOSING_RETRY_MS) pause(CLOSING_RETRY_MS)
      cancelRetry()
      target?.close()
    },
  }
}

/** Holds this thread up: at its end a process has nothing else to do, and `process.exit` comes right behind. */
const pause = (ms: number): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

/** Writes what there is room for; gives the bytes taken. */
function writeSome(fd: number, bytes: Buffer): number {
  try {
    return fs.writeSync(fd, bytes)
  } catch (error) {
    if (systemCode(error) === 'EAGAIN') return 0
    throw error
  }
}

/** A descriptor that does not block, and what gives it up. */
interface Target {
  readonly fd: number
  close(): void
}

const nothing = (): void => {}

function withoutBlocking(fd: number): Target {
  const stats = fs.fstatSync(fd)
  // A file never keeps a writer waiting, and opened again it would be written from its beginning.
  if (stats.isFile()) return { fd, close: nothing }
  if (stats.isSocket() || stats.isFIFO()) {
    // Node has no call to make a descriptor non-blocking, but its stream does so on taking one over. The stream is
    // never used or destroyed, since it would close the descriptor, which another display of this process may use.
    new net.Socket({ fd, readable: false, writable: true }).unref()
    return { fd, close: nothing }
  }
  // A terminal is shared with the shell, which a non-blocking mode would disturb: opened again, it has one of its own.
  // Without O_NOCTTY a lamp, the leader of its session, would get the terminal's Ctrl-C.
  const own = openAgain(fd)
  return { fd: own, close: () => fs.closeSync(own) }
}

function openAgain(fd: number): number {
  const { O_WRONLY, O_NONBLOCK, O_NOCTTY } = fs.constants
  try {
    return fs.openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_NONBLOCK | O_NOCTTY)
  } catch (error) {
    throw failure(
      `descriptor ${fd}, a terminal or device, cannot be opened for writing (${reasonOf(error)}): ` +
        'log in as this user rather than with su, or choose --display none',
      error,
    )
  }
}
