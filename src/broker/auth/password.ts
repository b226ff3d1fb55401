/** Passwords: what a new one may be, and bcrypt in threads of its own, so that no log-in holds up a message. */
import { isUtf8 } from 'node:buffer'
import { Piscina } from 'piscina'
import { assert } from '../../platform/errors.ts'
import { ownModule } from '../../platform/own-package.ts'
import type { PasswordTask } from './password-worker.ts'

/** bcrypt's cost of a new hash: 60 to 80 ms a check on a desktop processor, most of a second on a small board. */
export const COST_DEFAULT = 10

/** bcrypt reads no further, so that all longer passwords with this beginning would be the same. */
export const PASSWORD_BYTES_MAX = 72

/** Threads at work on passwords; the event loop has the rest of the machine. */
export const CHECKS_AT_ONCE = 2

/** Added to the niceness of those threads: a burst of log-ins must not slow down the messages. */
const NICE_INCREMENT = 10

/** Tasks that wait for a thread. The broker hands over no more than are at work; this is for who does otherwise. */
const WAITING_MAX = 1000

/** A thread that had nothing to do for this long ends, ms. */
const IDLE_MS = 5000

/** Says what is wrong with a new password; null where it can be used. */
export function passwordFault(password: string): string | null {
  const bytes = Buffer.byteLength(password)
  if (bytes === 0) return 'the password is empty'
  if (/\p{Cc}/u.test(password)) return 'the password holds a control character: leave it out'
  if (bytes <= PASSWORD_BYTES_MAX) return null
  return `the password has ${bytes} bytes: bcrypt reads ${PASSWORD_BYTES_MAX}, so choose a shorter one`
}

/** `unavailable`: too many wait already, or the passwords were closed. */
export type Verdict = 'right' | 'wrong' | 'unavailable'

export interface Passwords extends AsyncDisposable {
  /** The bcrypt hash of a password without fault. */
  hash(password: string, cost?: number): Promise<string>
  /** Whether `password`, the bytes of a CONNECT, fits `hash`. A password that could not be a user's takes as long. */
  verify(password: Uint8Array, hash: string): Promise<Verdict>
  /** Ends the threads; what is under way is `unavailable`. Closing twice is fine. */
  close(): Promise<void>
}

/** Makes the pool; threads start when there is work, and end when there is none. */
export function createPasswords({ waitingMax = WAITING_MAX }: { waitingMax?: number } = {}): Passwords {
  const pool = new Piscina<PasswordTask, string | boolean>({
    filename: ownModule('broker/auth/password-worker'),
    name: 'work',
    minThreads: 0,
    maxThreads: CHECKS_AT_ONCE,
    maxQueue: waitingMax,
    idleTimeout: IDLE_MS,
    niceIncrement: NICE_INCREMENT,
    // Whatever else this process was told to load or to watch is no business of a thread that compares passwords.
    execArgv: [],
  })
  // A thread that dies also fails the task it was at, and that is where it is handled.
  pool.on('error', () => {})
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => {
    closing ??= pool.destroy()
    return closing
  }
  return {
    async hash(password, cost = COST_DEFAULT) {
      assert(passwordFault(password) === null, 'a password is checked before it is hashed')
      return String(await pool.run({ kind: 'hash', password, cost }))
    },
    async verify(bytes, hash) {
      if (closing !== undefined) return 'unavailable'
      // bcrypt repeats a password with a NUL after it, and so takes 'a\0a' for 'a'.
      const isPossible = bytes.length <= PASSWORD_BYTES_MAX && isUtf8(bytes) && !bytes.includes(0)
      const password = Buffer.from(bytes).toString('utf8')
      try {
        return (await pool.run({ kind: 'verify', password, hash })) === true && isPossible ? 'right' : 'wrong'
      } catch {
        return 'unavailable'
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** A hash that no password is known to fit, to compare an unknown user with: it takes as long as another of `cost`. */
export const decoyHash = (cost: number): string =>
  `$2b$${String(cost).padStart(2, '0')}$nothingfitsthishashofnobodyandnothingeverwillunlesslucky`.slice(0, 60)

/** The cost that a bcrypt hash was made with. */
export const costOf = (hash: string): number => Number(hash.slice(4, 6))
