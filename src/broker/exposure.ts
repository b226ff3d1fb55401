/** Where the broker may listen: while a password is known to all the world, on this machine only. */
import type { Users } from './auth/users.ts'

export const LOOPBACK = '127.0.0.1'

/** Whether only this machine reaches `host`. A name that is not known to be such is taken for one that others reach. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host)

/** The names of the demo accounts among `users`. */
export const demoAccountsOf = (users: Users): readonly string[] =>
  [...users].filter(([, user]) => user.demo).map(([name]) => name)

/** Where to listen when asked for `host`. */
export const permittedHost = (host: string, users: Users): string =>
  isLoopback(host) || demoAccountsOf(users).length === 0 ? host : LOOPBACK

/** The commands that do away with demo accounts. */
export const remediesFor = (accounts: readonly string[]): readonly string[] =>
  accounts.map((name) => `crossing user passwd ${name} (or: crossing user remove ${name})`)
