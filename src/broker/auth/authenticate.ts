/** Whether somebody is who they say: the name and the password of a CONNECT against the users. */
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../../platform/clock.ts'
import { type Rights, rightsOf } from '../acl.ts'
import { CONNACK, type ConnackCode } from '../connack.ts'
import { COST_DEFAULT, costOf, decoyHash, type Passwords, type Verdict } from './password.ts'
import type { User, Users } from './users.ts'

/** A user who has logged in, as of that moment. */
export interface Account {
  readonly name: string
  readonly user: User
  readonly rights: Rights
}

export interface Credentials {
  readonly username: string | undefined
  readonly password: Uint8Array | undefined
}

export type Outcome =
  | { readonly kind: 'account'; readonly account: Account }
  | { readonly kind: 'refused'; readonly code: ConnackCode; readonly reason: string }

export interface AuthenticationDependencies {
  /** The users of this moment. */
  readonly users: () => Users
  readonly passwords: Passwords
  readonly clock: Clock
}

/** A log-in that has no answer by then is refused, ms: aedes would wait for ever. */
const ANSWER_MS_MAX = 30_000

/** A wrong name and a wrong password give the same answer after the same work. */
const WRONG: Outcome = refused(CONNACK.badUserNameOrPassword, 'wrong user name or password')

function refused(code: ConnackCode, reason: string): Outcome {
  return { kind: 'refused', code, reason }
}

export async function authenticate(
  { username, password }: Credentials,
  { users, passwords, clock }: AuthenticationDependencies,
): Promise<Outcome> {
  if (username === undefined || password === undefined) {
    return refused(CONNACK.badUserNameOrPassword, 'a user name and a password are needed')
  }
  const user = users().get(username)
  const hash = user?.hash ?? decoyHash(highestCost(users()))
  const verdict = await withinTime(passwords.verify(password, hash), clock)
  if (verdict === 'unavailable') {
    return refused(CONNACK.serverUnavailable, 'too many log-ins are waiting')
  }
  // The users may have changed while the password was checked; then this answer is about one who is no more.
  if (verdict === 'wrong' || user === undefined || !isDeepStrictEqual(users().get(username), user)) return WRONG
  return { kind: 'account', account: { name: username, user, rights: rightsOf(username, user) } }
}

function withinTime(verdict: Promise<Verdict>, clock: Clock): Promise<Verdict> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ANSWER_MS_MAX, () => resolve('unavailable'))
    verdict.then(resolve, reject).finally(cancel)
  })
}

/** The cost to spend on an unknown name: that of the slowest check, where accounts differ. */
function highestCost(users: Users): number {
  let cost = 0
  for (const user of users.values()) cost = Math.max(cost, costOf(user.hash))
  return cost === 0 ? COST_DEFAULT : cost
}
