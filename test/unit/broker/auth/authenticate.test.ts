import { setImmediate as turn } from 'node:timers/promises'
import t from 'tap'
import { Authenticator, type Outcome } from '../../../../src/broker/auth/authenticate.ts'
import { createPasswords, decoyHash, type Passwords } from '../../../../src/broker/auth/password.ts'
import type { Users } from '../../../../src/broker/auth/users.ts'
import { DEFAULT_LIMITS } from '../../../../src/broker/limits.ts'
import { type Clock, systemClock } from '../../../../src/platform/clock.ts'
import { HASH, PASSWORD, usersOf, userWith } from '../../../fixtures/broker-pair.ts'
import { ManualClock } from '../../../fixtures/manual-clock.ts'
import { toldPasswords } from '../../../fixtures/told-passwords.ts'

const LIMITS = { ...DEFAULT_LIMITS, failuresMax: 3, failureMs: 1000, loginsWaitingMax: 4 }
const OTHER_HASH = HASH.replace('$wNS', '$xNS')

interface Given {
  readonly users?: Users
  readonly passwords: Passwords
  readonly clock?: Clock
}

interface Attempt {
  readonly name?: string
  readonly password?: string
  readonly source?: string
  readonly left?: AbortSignal
}

/** A broker's way in, whose users may be changed. */
function door({ users = usersOf({ ann: {}, bob: {} }), passwords, clock = systemClock }: Given) {
  let current = users
  const authenticator = new Authenticator({ users: () => current, passwords, clock, limits: LIMITS })
  return {
    authenticator,
    change: (changed: Users): void => {
      current = changed
    },
    login: ({
      name = 'ann',
      password = PASSWORD,
      source = 'here',
      left = new AbortController().signal,
    }: Attempt = {}): Promise<Outcome> =>
      authenticator.authenticate({ username: name, password: Buffer.from(password) }, { source, left }),
  }
}

const IN = { kind: 'account' }
const WRONG = { kind: 'refused', code: 4, reason: 'wrong user name or password' }
const LIMITED = { kind: 'refused', code: 4, reason: /too many wrong passwords/ }
const BUSY = { kind: 'refused', code: 3 }

t.test('who names a user and the password gets the account with its rights', async (t) => {
  const users = usersOf({ ann: { publish: ['a'] } })
  const { login } = door({ users, passwords: toldPasswords('right').passwords })
  t.match(await login(), {
    kind: 'account',
    account: { name: 'ann', user: users.get('ann'), rights: { publish: [['a']], read: [] } },
  })
})

t.test('a wrong name and a wrong password look the same', async (t) => {
  const wrongPassword = await door({ passwords: toldPasswords('wrong').passwords }).login()
  t.match(wrongPassword, WRONG)
  for (const name of ['eve', '__proto__', 'constructor', 'toString', '']) {
    const { login } = door({ passwords: toldPasswords('right').passwords })
    t.strictSame(await login({ name }), wrongPassword, name)
  }
})

t.test('a wrong name and a wrong password are limited alike', async (t) => {
  const refusals: Outcome[][] = []
  for (const name of ['ann', 'eve']) {
    const { passwords, asked } = toldPasswords('wrong')
    const { login } = door({ passwords })
    const outcomes: Outcome[] = []
    for (let guess = 0; guess < 6; guess += 1) outcomes.push(await login({ name, password: `guess ${guess}` }))
    refusals.push(outcomes)
    t.equal(asked.length, 3)
  }
  t.strictSame(refusals[0], refusals[1])
})

t.test('an unknown name is compared with a decoy of the highest cost among the users', async (t) => {
  const users = new Map([...usersOf({ ann: {} }), ['bob', userWith({ hash: decoyHash(12) })]])
  const { passwords, asked } = toldPasswords('wrong')
  const { login, change } = door({ users, passwords })
  await login({ name: 'eve' })
  change(new Map())
  await login({ name: 'eve' })
  t.match(asked, [{ hash: /^\$2b\$12\$/ }, { hash: /^\$2b\$10\$/ }])
})

t.test('a wrong name and a wrong password take the same time', async (t) => {
  await using passwords = createPasswords()
  const users = usersOf({ ann: { hash: decoyHash(9) } })
  const msOf = async (name: string): Promise<number> => {
    const startMs = performance.now()
    await door({ users, passwords }).login({ name })
    return performance.now() - startMs
  }
  await Promise.all([msOf('ann'), msOf('eve')])
  const known: number[] = []
  const unknown: number[] = []
  for (let count = 0; count < 5; count += 1) {
    known.push(await msOf('ann'))
    unknown.push(await msOf('eve'))
  }
  // The quickest of several, and room for load: an unknown name that costs nothing is a thousand times quicker.
  const ratio = Math.min(...known) / Math.min(...unknown)
  t.ok(ratio > 0.02 && ratio < 50, `ratio ${ratio}`)
})

t.test('without a name or a password nobody is let in', async (t) => {
  const { passwords, asked } = toldPasswords('right')
  const { authenticator } = door({ passwords })
  const asker = { source: 'here', left: new AbortController().signal }
  const password = Buffer.from(PASSWORD)
  t.match(await authenticator.authenticate({ username: undefined, password }, asker), { code: 4 })
  t.match(await authenticator.authenticate({ username: 'ann', password: undefined }, asker), { code: 4 })
  t.strictSame(asked, [])
})

t.test('who was right once is let in again without bcrypt, from anywhere', async (t) => {
  const { passwords, asked } = toldPasswords('right')
  const { login } = door({ passwords })
  for (const source of ['here', 'here', 'there']) t.match(await login({ source }), IN)
  t.equal(asked.length, 1)
  await login({ password: 'another' })
  await login({ name: 'bob' })
  t.equal(asked.length, 3, 'another password, or the same one of another user, is checked')
})

t.test('a wrong password is remembered by nobody', async (t) => {
  const { passwords, asked } = toldPasswords('wrong')
  const { login } = door({ passwords })
  t.match([await login(), await login()], [WRONG, WRONG])
  t.equal(asked.length, 2)
})

t.test('what was right is checked again once the hash has changed, or the user is gone', async (t) => {
  const { passwords, asked } = toldPasswords()
  const { login, change } = door({ passwords })
  const first = login()
  asked[0]?.answer('right')
  t.match(await first, IN)
  change(usersOf({ bob: {} }))
  const gone = login()
  t.not(asked[1]?.hash, HASH, 'compared with a decoy')
  asked[1]?.answer('right')
  t.match(await gone, WRONG)
  change(usersOf({ ann: { hash: OTHER_HASH } }))
  const changed = login()
  t.equal(asked[2]?.hash, OTHER_HASH)
  asked[2]?.answer('wrong')
  t.match(await changed, WRONG)
})

t.test('other rights are taken up without another run of bcrypt', async (t) => {
  const { passwords, asked } = toldPasswords('right')
  const { login, change } = door({ passwords })
  await login()
  change(usersOf({ ann: { publish: ['more'] } }))
  t.match(await login(), { account: { rights: { publish: [['more']] } } })
  t.equal(asked.length, 1)
})

t.test('a user who is removed or changed while the password is checked is refused', async (t) => {
  for (const later of [new Map(), usersOf({ ann: { publish: ['more'] } }), usersOf({ ann: { hash: OTHER_HASH } })]) {
    const { passwords, asked } = toldPasswords()
    const { login, change } = door({ passwords })
    const outcome = login()
    change(later)
    asked[0]?.answer('right')
    t.match(await outcome, WRONG)
  }
})

t.test('the same log-in at the same time shares one run, another one does not', async (t) => {
  const { passwords, asked } = toldPasswords()
  const { login } = door({ passwords })
  const same = Array.from({ length: 50 }, (_, index) => login({ source: `machine ${index}` }))
  t.equal(asked.length, 1)
  const other = login({ password: 'another' })
  t.equal(asked.length, 2)
  asked[1]?.answer('wrong')
  asked[0]?.answer('right')
  t.match(await other, WRONG)
  for (const outcome of await Promise.all(same)) t.match(outcome, IN)
})

t.test('a password that is changed meanwhile is not judged by the run for the one before', async (t) => {
  const { passwords, asked } = toldPasswords()
  const { login, change } = door({ passwords })
  const before = login()
  change(usersOf({ ann: { hash: OTHER_HASH } }))
  const after = login()
  t.strictSame([asked[0]?.hash, asked[1]?.hash], [HASH, OTHER_HASH])
  asked[0]?.answer('right')
  asked[1]?.answer('wrong')
  t.match([await before, await after], [WRONG, WRONG])
})

t.test('after so many wrong passwords no more are checked, for that user from that address alone', async (t) => {
  const clock = new ManualClock()
  const { passwords, asked } = toldPasswords('wrong')
  const { login } = door({ passwords, clock })
  for (let guess = 0; guess < 3; guess += 1) t.match(await login({ password: `guess ${guess}` }), WRONG)
  t.match(await login(), { ...LIMITED, isRepeated: false })
  t.match(await login(), { ...LIMITED, isRepeated: true })
  t.equal(asked.length, 3)
  t.match(await login({ name: 'bob' }), WRONG, 'another user')
  t.match(await login({ source: 'there' }), WRONG, 'another address')
  clock.advance(1001)
  t.match(await login(), WRONG, 'later')
  t.equal(asked.length, 6)
})

t.test('a burst of wrong passwords before any answer is held to the same limit', async (t) => {
  const { passwords, asked } = toldPasswords()
  const { login } = door({ passwords })
  const burst = Array.from({ length: 100 }, (_, guess) => login({ password: `guess ${guess}` }))
  for (let at = 0; at < asked.length; at += 1) {
    asked[at]?.answer('wrong')
    await turn()
  }
  const outcomes = await Promise.all(burst)
  t.equal(asked.length, 3)
  t.match(outcomes.slice(0, 3), [WRONG, WRONG, WRONG])
  for (const outcome of outcomes.slice(3)) t.match(outcome, LIMITED)
})

t.test('a password that was right before gets in while others guess, and then the guesses count anew', async (t) => {
  const { passwords, asked } = toldPasswords()
  const { login } = door({ passwords })
  const guess = async (): Promise<Outcome> => {
    const outcome = login({ password: `guess ${asked.length}` })
    asked.at(-1)?.answer('wrong')
    return await outcome
  }
  const first = login()
  asked[0]?.answer('right')
  await first
  for (let count = 0; count < 3; count += 1) await guess()
  t.match(await guess(), LIMITED)
  t.match(await login(), IN)
  t.match(await guess(), WRONG)
})

t.test('a new password, or a user who is added, begins without the failures of the past', async (t) => {
  for (const name of ['ann', 'eve']) {
    const { passwords } = toldPasswords('wrong')
    const { login, change } = door({ passwords })
    for (let count = 0; count < 4; count += 1) await login({ name, password: `guess ${count}` })
    t.match(await login({ name }), LIMITED)
    change(usersOf({ [name]: { hash: OTHER_HASH } }))
    t.match(await login({ name }), WRONG, 'checked')
  }
})

t.test('when too many wait the server is unavailable, and that is no failure', async (t) => {
  const { passwords, asked } = toldPasswords()
  const { login, authenticator } = door({ passwords })
  const waiting = Array.from({ length: 6 }, (_, index) => login({ name: `user${index}` }))
  t.equal(authenticator.waiting, 4)
  for (let count = 0; count < 5; count += 1) t.match(await login({ password: `${count}` }), BUSY)
  for (let at = 0; at < asked.length; at += 1) {
    asked[at]?.answer('wrong')
    await turn()
  }
  t.equal((await Promise.all(waiting)).length, 6)
  const late = login()
  asked.at(-1)?.answer('right')
  t.match(await late, IN)
})

t.test('a flood from one address keeps neither another address nor another user out', async (t) => {
  const { passwords, asked } = toldPasswords()
  const { login } = door({ passwords })
  const flood = Array.from({ length: 200 }, (_, guess) =>
    login({ name: `user${guess % 50}`, password: `guess ${guess}`, source: 'evil' }),
  )
  const elsewhere = login({ source: 'there' })
  const another = login({ name: 'bob', source: 'far' })
  // Two of the flood are at work, and its next one has the first turn; then all others have one before it goes on.
  for (let at = 0; at < 5; at += 1) {
    const check = asked[at]
    check?.answer(check.password === PASSWORD ? 'right' : 'wrong')
    await turn()
  }
  t.match([await elsewhere, await another], [IN, IN])
  for (let at = 5; at < asked.length; at += 1) {
    asked[at]?.answer('wrong')
    await turn()
  }
  for (const outcome of await Promise.all(flood)) t.match(outcome, { kind: 'refused' })
})

t.test('who leaves before the check was begun costs none', async (t) => {
  const { passwords, asked } = toldPasswords()
  const { login, authenticator } = door({ passwords })
  const busy = [login({ name: 'a' }), login({ name: 'b' })]
  const impatient = new AbortController()
  const gone = login({ left: impatient.signal })
  const patient = login({ name: 'bob' })
  impatient.abort()
  t.match(await gone, BUSY)
  t.equal(authenticator.waiting, 1)
  const again = login()
  for (let at = 0; at < asked.length; at += 1) {
    asked[at]?.answer('right')
    await turn()
  }
  t.match([await patient, await again], [IN, IN])
  t.equal((await Promise.all(busy)).length, 2)
  t.equal(asked.length, 4)
})

t.test('a check that several wait for goes on until the last of them has left', async (t) => {
  const { passwords, asked } = toldPasswords()
  const { login, authenticator } = door({ passwords })
  const busy = [login({ name: 'a' }), login({ name: 'b' })]
  const [one, two] = [new AbortController(), new AbortController()]
  const both = [login({ left: one.signal }), login({ left: two.signal })]
  one.abort()
  t.equal(authenticator.waiting, 1)
  two.abort()
  t.equal(authenticator.waiting, 0)
  t.match(await Promise.all(both), [BUSY, BUSY])
  for (const check of asked) check.answer('wrong')
  await Promise.all(busy)
  t.equal(asked.length, 2)
})

t.test('a check that was begun is not lost on who left: who comes back is let in at once', async (t) => {
  const { passwords, asked } = toldPasswords()
  const { login } = door({ passwords })
  const impatient = new AbortController()
  const gone = login({ left: impatient.signal })
  impatient.abort()
  t.match(await gone, BUSY)
  const back = login()
  asked[0]?.answer('right')
  t.match(await back, IN, 'it is joined while it runs')
  t.match(await login(), IN)
  t.equal(asked.length, 1)
})

t.test('who has left already is not asked about', async (t) => {
  const { passwords, asked } = toldPasswords()
  const { login } = door({ passwords })
  const busy = [login({ name: 'a' }), login({ name: 'b' })]
  t.match(await login({ left: AbortSignal.abort() }), BUSY)
  for (const check of asked) check.answer('wrong')
  await Promise.all(busy)
  t.equal(asked.length, 2)
})

t.test('a check without an answer ends after half a minute', async (t) => {
  const clock = new ManualClock()
  const { login } = door({ passwords: toldPasswords().passwords, clock })
  const outcome = login()
  clock.advance(29_999)
  t.strictSame(clock.delays, [1])
  clock.advance(1)
  t.match(await outcome, BUSY)
})

t.test('a check that fails by a defect is told to who asked, and the next one is made', async (t) => {
  let isBroken = true
  const passwords: Passwords = {
    ...toldPasswords().passwords,
    verify: async () => {
      if (isBroken) throw new Error('defect')
      return 'right'
    },
  }
  const { login } = door({ passwords })
  await t.rejects(login(), { message: 'defect' })
  isBroken = false
  t.match(await login(), IN)
})
