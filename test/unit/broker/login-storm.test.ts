/** Log-ins by the hundred, over TCP against a broker that runs; what each costs is counted, not timed. */
import t, { type Test } from 'tap'
import { startBroker } from '../../../src/broker/broker.ts'
import type { BrokerLimits } from '../../../src/broker/limits.ts'
import { HASH, PASSWORD, RecordingLogger, usersOf } from '../../fixtures/broker-pair.ts'
import { connectPacket, type RawClient, rawLogin } from '../../fixtures/raw-client.ts'
import { type Asked, toldPasswords } from '../../fixtures/told-passwords.ts'

const ACCEPTED = 0
const BAD_USER_NAME_OR_PASSWORD = 4

/** A hash that tells whose it is; what fits it is the test's affair. */
const hashOf = (name: string): string => `${HASH.slice(0, 40)}${name.padStart(20, '.')}`
const nameOf = (hash: string): string => hash.slice(40).replace(/^\.+/, '')

const namesOf = (count: number): string[] => Array.from({ length: count }, (_, index) => `user${index}`)

async function broker(t: Test, names: readonly string[], limits: Partial<BrokerLimits> = {}) {
  const log = new RecordingLogger()
  const { passwords, asked } = toldPasswords()
  const users = usersOf(Object.fromEntries(names.map((name) => [name, { hash: hashOf(name) }])))
  const running = await startBroker({ users, port: 0, limits }, { logger: log, passwords })
  const clients: RawClient[] = []
  t.teardown(async () => {
    for (const { socket } of clients) socket.destroy()
    await running.close()
  })
  const login = async (user: string, password = PASSWORD, localAddress?: string): Promise<RawClient> => {
    const from = localAddress === undefined ? {} : { localAddress }
    const client = await rawLogin({ port: running.port ?? 0, user, password, ...from })
    clients.push(client)
    return client
  }
  return { broker: running, login, asked, log, judge: judgeOf(asked) }
}

/** Answers each check as bcrypt would, from the first one that has no answer yet. */
function judgeOf(asked: readonly Asked[]) {
  let at = 0
  return {
    /** Those that have been begun so far. */
    answer(): void {
      for (; at < asked.length; at += 1) {
        const check = asked[at]
        check?.answer(check.password === PASSWORD ? 'right' : 'wrong')
      }
    },
    /** Until `done`, as they come. */
    async until(done: Promise<unknown>): Promise<void> {
      let isDone = false
      void done.finally(() => {
        isDone = true
      })
      while (!isDone) {
        this.answer()
        await new Promise((resolve) => setImmediate(resolve))
      }
      await done
    },
  }
}

const codesOf = (clients: readonly RawClient[]): Promise<(number | null)[]> =>
  Promise.all(clients.map(({ code }) => code))

t.test('users who all come at once cost a check each, and none when they all come back', async (t) => {
  const names = namesOf(300)
  const { login, asked, judge, log } = await broker(t, names)
  const first = await Promise.all(names.map((name) => login(name)))
  const codes = codesOf(first)
  await judge.until(codes)
  t.ok((await codes).every((code) => code === ACCEPTED))
  t.equal(asked.length, names.length)
  for (const { socket } of first) socket.destroy()
  await log.waitFor('client_disconnected', names.length)
  const again = await codesOf(await Promise.all(names.map((name) => login(name))))
  t.ok(again.every((code) => code === ACCEPTED))
  t.equal(asked.length, names.length)
})

t.test('a hundred connections of one user cost one check', async (t) => {
  const { login, asked, judge } = await broker(t, ['ann'])
  const codes = codesOf(await Promise.all(Array.from({ length: 100 }, () => login('ann'))))
  await judge.until(codes)
  t.ok((await codes).every((code) => code === ACCEPTED))
  t.equal(asked.length, 1)
})

t.test('clients that give up before their turn cost nothing, and by coming back all get in', async (t) => {
  const names = namesOf(20)
  const { login, asked, judge, log } = await broker(t, names)
  const known = new Set<string>()
  let refused = 0
  while (known.size < names.length) {
    const begun = asked.length
    const clients = await Promise.all(names.map(async (name) => ({ name, client: await login(name) })))
    while (asked.length < begun + 2) await new Promise((resolve) => setImmediate(resolve))
    for (const { name, client } of clients) if (known.has(name)) t.equal(await client.code, ACCEPTED, name)
    // Of the others two are being checked, and all of them lose patience.
    for (const { client } of clients) client.socket.end()
    refused += names.length - known.size
    await log.waitFor('client_refused', refused)
    judge.answer()
    for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    t.equal(asked.length, begun + 2, 'nobody is checked who has left')
    for (const { hash } of asked) known.add(nameOf(hash))
  }
})

t.test(
  'who hangs up on the broker within this process, or over a stream like that, costs nothing either',
  async (t) => {
    const { broker: running, login, asked, judge, log } = await broker(t, ['ann', 'bob', 'cid'])
    const busy = codesOf([await login('ann'), await login('bob')])
    while (asked.length < 2) await new Promise((resolve) => setImmediate(resolve))
    const stream = running.connect()
    stream.write(connectPacket('cid', PASSWORD))
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve))
    stream.end()
    t.match(await log.waitFor('client_refused'), [{ user: 'cid', reason: /closed meanwhile/ }])
    judge.answer()
    t.strictSame(await busy, [ACCEPTED, ACCEPTED])
    t.equal(asked.length, 2)
  },
)

t.test('wrong passwords for one user keep out neither others, nor the same user elsewhere or known', async (t) => {
  const { login, asked, judge, log } = await broker(t, ['ann', 'bob', 'cid'], { failuresMax: 5 })
  const known = (await login('cid')).code
  await judge.until(known)
  t.equal(await known, ACCEPTED)
  const flood: Promise<number | null>[] = []
  for (const user of ['ann', 'cid']) {
    for (let guess = 0; guess < 300; guess += 1) flood.push((await login(user, `guess ${guess}`)).code)
  }
  const others = [await login('bob'), await login('ann', PASSWORD, '127.0.0.2')]
  await judge.until(Promise.all([...flood, codesOf(others)]))
  t.strictSame(await codesOf(others), [ACCEPTED, ACCEPTED])
  t.equal(await (await login('cid')).code, ACCEPTED, 'known before')
  t.ok((await Promise.all(flood)).every((code) => code === BAD_USER_NAME_OR_PASSWORD))
  t.equal(await (await login('ann')).code, ACCEPTED, 'known by now')
  t.equal(asked.length, 13, 'five guesses for each of the two, and those who were let in')
  const told = log.lines.filter(({ event, level }) => event !== 'client_connected' && level !== 'debug')
  t.ok(told.length <= 15, `${told.length} lines at the usual level`)
})

t.test('a flood of names from one address leaves a turn to every other address', async (t) => {
  const names = namesOf(100)
  const { login, asked, judge, log } = await broker(t, [...names, 'ann'], { loginsWaitingMax: 20 })
  const flood = await Promise.all(names.map((name) => login(name, 'guess')))
  await log.waitFor('client_refused', 78)
  const ann = (await login('ann', PASSWORD, '127.0.0.2')).code
  await log.waitFor('client_refused', 79)
  await judge.until(Promise.all([ann, codesOf(flood)]))
  t.equal(await ann, ACCEPTED)
  t.equal(
    asked.findIndex(({ hash }) => nameOf(hash) === 'ann'),
    3,
    'two were at work, and one had the turn before it',
  )
})
