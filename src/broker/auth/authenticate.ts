/**
 * Whether somebody is who they say: the name and the password of a CONNECT against the users. What costs next to nothing
 * comes first:
 *
 * 1. A password that was found right before is right, as long as the user's hash stays what it was.
 * 2. The same log-in as one under way gets its answer.
 * 3. Too many wrong ones for that user from that address: refused unchecked.
 * 4. A place in a queue of bounded length, in which addresses take turns.
 * 5. bcrypt, in a thread at low priority.
 *
 * Unknown users go the same way with a hash that nothing fits, and get the same answers.
 */
import { isDeepStrictEqual } from 'node:util'
import { LRUCache } from 'lru-cache'
import type { Clock } from '../../platform/clock.ts'
import { type Rights, rightsOf } from '../acl.ts'
import { CONNACK, type ConnackCode } from '../connack.ts'
import type { BrokerLimits } from '../limits.ts'
import { atMost } from './entries.ts'
import { FailureLimit } from './failure-limit.ts'
import { createFingerprint } from './fingerprint.ts'
import { COST_DEFAULT, costOf, decoyHash, type Passwords, type Verdict } from './password.ts'
import { PasswordChecks } from './password-checks.ts'
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

/** Who asks to be let in. */
export interface Asker {
  /** The machine that it comes from: an address without the port. */
  readonly source: string
  /** Aborted when it has gone: its password need not be checked any more. */
  readonly left: AbortSignal
}

export type Outcome = { readonly kind: 'account'; readonly account: Account } | Refused

interface Refused {
  readonly kind: 'refused'
  readonly code: ConnackCode
  readonly reason: string
  /** The log has said so a moment ago. */
  readonly isRepeated: boolean
}

export interface AuthenticationDependencies {
  /** The users of this moment. */
  readonly users: () => Users
  readonly passwords: Passwords
  readonly clock: Clock
  readonly limits: Pick<BrokerLimits, 'failuresMax' | 'failureMs' | 'loginsWaitingMax'>
}

/** Users whose right password is remembered: as many as can be connected, 100 bytes each. */
const REMEMBERED_MAX = 20_000

const NO_CREDENTIALS = refused(CONNACK.badUserNameOrPassword, 'a user name and a password are needed')

/** A wrong name and a wrong password give the same answer after the same work. */
const WRONG = refused(CONNACK.badUserNameOrPassword, 'wrong user name or password')

/** The client is told what it would be for a wrong password: who guesses does not learn that this one was not tried. */
const LIMITED = refused(
  CONNACK.badUserNameOrPassword,
  'too many wrong passwords for this user from this address: refused unchecked for a while',
)

const UNAVAILABLE = refused(CONNACK.serverUnavailable, 'too many log-ins are waiting')

function refused(code: ConnackCode, reason: string): Refused {
  return { kind: 'refused', code, reason, isRepeated: false }
}

export class Authenticator {
  readonly #users: () => Users
  readonly #checks: PasswordChecks
  readonly #failures: FailureLimit
  readonly #fingerprint = createFingerprint()
  /** By user name: the fingerprint of name, hash and right password. Another hash makes another fingerprint. */
  readonly #remembered = new LRUCache<string, string>(atMost(REMEMBERED_MAX))
  #decoy: { readonly users: Users; readonly hash: string } = { users: new Map(), hash: decoyHash(COST_DEFAULT) }

  constructor({ users, passwords, clock, limits }: AuthenticationDependencies) {
    this.#users = users
    this.#checks = new PasswordChecks({ passwords, clock, waitingMax: limits.loginsWaitingMax })
    this.#failures = new FailureLimit(limits, clock)
  }

  /** Checks of passwords that wait for a thread. */
  get waiting(): number {
    return this.#checks.waiting
  }

  async authenticate({ username, password }: Credentials, asker: Asker): Promise<Outcome> {
    if (username === undefined || password === undefined) return NO_CREDENTIALS
    const user = this.#users().get(username)
    const hash = user?.hash ?? this.#decoyHash()
    const id = this.#fingerprint(username, hash, password)
    // Bound to the hash: with a new password, or a user who was added, everybody begins anew.
    const subject = this.#fingerprint(asker.source, username, hash)
    if (user !== undefined && this.#remembered.get(username) === id) {
      this.#failures.forget(subject)
      return accountOf(username, user)
    }
    if (!this.#checks.isUnderWay(id)) {
      if (!this.#failures.begin(subject)) return { ...LIMITED, isRepeated: !this.#failures.isNews(subject) }
      this.#checks.begin({ id, source: asker.source, password, hash }, (answer) => {
        const verdict = user === undefined && answer === 'right' ? 'wrong' : answer
        this.#failures.end(subject, verdict)
        if (verdict === 'right') this.#remembered.set(username, id)
      })
    }
    return this.#outcomeOf(await this.#checks.answer(id, asker.left), username, user)
  }

  #outcomeOf(verdict: Verdict, username: string, user: User | undefined): Outcome {
    switch (verdict) {
      case 'unavailable':
        return UNAVAILABLE
      case 'wrong':
        return WRONG
      case 'right':
        // The users may have changed while the password was checked; then the answer is about one who is no more.
        if (user === undefined || !isDeepStrictEqual(this.#users().get(username), user)) return WRONG
        return accountOf(username, user)
    }
  }

  /** What an unknown name is compared with: it costs as much as the slowest check, where accounts differ. */
  #decoyHash(): string {
    const users = this.#users()
    if (this.#decoy.users !== users) this.#decoy = { users, hash: decoyHash(highestCost(users)) }
    return this.#decoy.hash
  }
}

const accountOf = (name: string, user: User): Outcome => ({
  kind: 'account',
  account: { name, user, rights: rightsOf(name, user) },
})

function highestCost(users: Users): number {
  let cost = 0
  for (const user of users.values()) cost = Math.max(cost, costOf(user.hash))
  return cost === 0 ? COST_DEFAULT : cost
}
