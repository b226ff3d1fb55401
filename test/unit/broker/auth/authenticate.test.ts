import t from 'tap'
import { authenticate, type Outcome } from '../../../../src/broker/auth/authenticate.ts'
import { createPasswords, decoyHash, type Passwords, type Verdict } from '../../../../src/broker/auth/password.ts'
import type { Users } from '../../../../src/broker/auth/users.ts'
import { type Clock, systemClock } from '../../../../src/platform/clock.ts'
import { PASSWORD, usersOf, userWith } from '../../../fixtures/broker-pair.ts'

/** Passwords that answer as told, and keep which hashes they were asked about. */
function answering(verdict: Verdict | Promise<Verdict>) {
  const asked: string[] = []
  const passwords: Passwords = {
    hash: async () => '',
    async verify(_password, hash) {
      asked.push(hash)
      return verdict
    },
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }
  return { passwords, asked }
}

const password = Buffer.from(PASSWORD)

const login = (username: string, users: Users, passwords: Passwords, clock: Clock = systemClock): Promise<Outcome> =>
  authenticate({ username, password }, { users: () => users, passwords, clock })

t.test('who names a user and the password gets the account with its rights', async (t) => {
  const { passwords } = answering('right')
  const users = usersOf({ ann: { publish: ['a'] } })
  t.match(await login('ann', users, passwords), {
    kind: 'account',
    account: { name: 'ann', user: users.get('ann'), rights: { publish: [['a']], read: [] } },
  })
})

t.test('a wrong name and a wrong password look the same', async (t) => {
  const users = usersOf({ ann: {} })
  const wrongPassword = await login('ann', users, answering('wrong').passwords)
  const wrongName = await login('bob', users, answering('wrong').passwords)
  t.strictSame(wrongName, wrongPassword)
  t.match(wrongName, { kind: 'refused', code: 4 })
  for (const name of ['__proto__', 'constructor', 'toString', '']) {
    t.strictSame(await login(name, users, answering('right').passwords), wrongName, name)
  }
})

t.test('an unknown name is compared with a decoy of the highest cost among the users', async (t) => {
  const users = new Map([...usersOf({ ann: {} }), ['bob', userWith({ hash: decoyHash(12) })]])
  const { passwords, asked } = answering('wrong')
  await login('eve', users, passwords)
  await login('eve', new Map(), passwords)
  t.match(asked, [/^\$2b\$12\$/, /^\$2b\$10\$/])
})

t.test('a wrong name and a wrong password take the same time', async (t) => {
  await using passwords = createPasswords()
  const users = usersOf({ ann: { hash: decoyHash(9) } })
  const msOf = async (name: string): Promise<number> => {
    const startMs = performance.now()
    await login(name, users, passwords)
    return performance.now() - startMs
  }
  await Promise.all([msOf('ann'), msOf('eve')])
  const known: number[] = []
  const unknown: number[] = []
  for (let turn = 0; turn < 5; turn += 1) {
    known.push(await msOf('ann'))
    unknown.push(await msOf('eve'))
  }
  // The quickest of several, and room for load: an unknown name that costs nothing is a thousand times quicker.
  const ratio = Math.min(...known) / Math.min(...unknown)
  t.ok(ratio > 0.2 && ratio < 5, `ratio ${ratio}`)
})

t.test('without a name or a password nobody is let in', async (t) => {
  const { passwords, asked } = answering('right')
  const dependencies = { users: () => usersOf({ ann: {} }), passwords, clock: systemClock }
  t.match(await authenticate({ username: undefined, password }, dependencies), { kind: 'refused', code: 4 })
  t.match(await authenticate({ username: 'ann', password: undefined }, dependencies), { kind: 'refused', code: 4 })
  t.strictSame(asked, [])
})

t.test('when too many wait the server is unavailable', async (t) => {
  t.match(await login('ann', usersOf({ ann: {} }), answering('unavailable').passwords), { kind: 'refused', code: 3 })
})

t.test('a check without an answer ends after half a minute', async (t) => {
  const delays: number[] = []
  const clock: Clock = {
    ...systemClock,
    after(delayMs, task) {
      delays.push(delayMs)
      setImmediate(task)
      return () => {}
    },
  }
  const never = new Promise<Verdict>(() => {})
  t.match(await login('ann', usersOf({ ann: {} }), answering(never).passwords, clock), { kind: 'refused', code: 3 })
  t.strictSame(delays, [30_000])
})

t.test('a user who is removed or changed while the password is checked is refused', async (t) => {
  for (const later of [new Map(), usersOf({ ann: { publish: ['more'] } })]) {
    let users: Users = usersOf({ ann: {} })
    const { passwords } = answering('right')
    const outcome = authenticate({ username: 'ann', password }, { users: () => users, passwords, clock: systemClock })
    users = later
    t.match(await outcome, { kind: 'refused', code: 4 })
  }
})
