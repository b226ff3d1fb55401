import { cpSync } from 'node:fs'
import { join } from 'node:path'
import type { IClientOptions } from 'mqtt'
import t, { type Test } from 'tap'
import type { Users } from '../../../../src/broker/auth/users.ts'
import type { BrokerOptions } from '../../../../src/broker/broker.ts'
import type { BrokerLimits } from '../../../../src/broker/limits.ts'
import { brokerPair, type TestClient, usersOf } from '../../../fixtures/broker-pair.ts'
import { ManualClock } from '../../../fixtures/manual-clock.ts'

const USERS = usersOf({ ann: { subscribe: ['#'], publish: ['#'] }, eve: { subscribe: ['#'], publish: ['#'] } })
const STORED: IClientOptions = { clientId: 'stored', clean: false }

/** Starts brokers one after the other on one data directory. */
function restarts(t: Test) {
  const data = join(t.testdir(), 'data')
  return (users: Users = USERS, options: Partial<BrokerOptions> = {}) => brokerPair(t, users, { data, ...options })
}

const payloads = (client: TestClient): readonly string[] => client.messages.map(({ payload }) => payload)

/** A message after which all earlier ones of the same publisher have been delivered. */
async function fence(from: TestClient, to: TestClient): Promise<void> {
  await from.mqtt.publishAsync('fence', 'fence', { qos: 1 })
  while (!payloads(to).includes('fence')) await to.received(to.messages.length + 1)
}

t.test('retained messages are there again after a restart', async (t) => {
  const start = restarts(t)
  const first = await start()
  const ann = await first.connect('ann')
  await ann.mqtt.publishAsync('a/b', 'kept', { qos: 1, retain: true })
  await ann.mqtt.publishAsync('a/c', 'old', { qos: 1, retain: true })
  await ann.mqtt.publishAsync('a/c', 'new', { qos: 2, retain: true })
  await ann.mqtt.publishAsync('a/d', 'gone', { qos: 1, retain: true })
  await ann.mqtt.publishAsync('a/d', '', { qos: 1, retain: true })
  await first.broker.close()
  const second = await start()
  const reader = await second.connect('ann')
  await reader.mqtt.subscribeAsync('a/#', { qos: 1 })
  await fence(reader, await subscribed(second.connect('ann'), 'fence'))
  t.strictSame([...payloads(reader)].sort(), ['kept', 'new'])
})

async function subscribed(client: Promise<TestClient>, filter: string, qos: 0 | 1 | 2 = 1): Promise<TestClient> {
  const tested = await client
  await tested.mqtt.subscribeAsync(filter, { qos })
  return tested
}

t.test('a session is there again after a restart, with what was queued for it, in order', async (t) => {
  const start = restarts(t)
  const first = await start()
  const away = await subscribed(first.connect('ann', STORED), '#', 2)
  await away.mqtt.endAsync()
  const writer = await first.connect('eve')
  for (let index = 0; index < 20; index += 1) {
    await writer.mqtt.publishAsync('a', String(index), { qos: index % 2 === 0 ? 1 : 2 })
  }
  await first.broker.close()
  const second = await start()
  const back = await second.connect('ann', STORED)
  await back.received(20)
  t.strictSame(
    payloads(back),
    Array.from({ length: 20 }, (_, index) => String(index)),
  )
  await (await second.connect('eve')).mqtt.publishAsync('a', 'subscribed still', { qos: 1 })
  t.match((await back.received(21)).at(-1), { payload: 'subscribed still' })
  await back.mqtt.endAsync()
  await second.broker.close()
  const third = await start()
  const again = await third.connect('ann', STORED)
  await fence(await third.connect('eve'), again)
  t.strictSame(payloads(again), ['fence'], 'what was acknowledged does not come again')
})

t.test('what is queued in one run after the other comes in order', async (t) => {
  const start = restarts(t)
  for (let run = 0; run < 3; run += 1) {
    const { connect, broker } = await start()
    if (run === 0) await (await subscribed(connect('ann', STORED), 'a')).mqtt.endAsync()
    const writer = await connect('eve')
    for (const part of ['first', 'second']) await writer.mqtt.publishAsync('a', `${run} ${part}`, { qos: 1 })
    await broker.close()
  }
  const back = await (await start()).connect('ann', STORED)
  await back.received(6)
  t.strictSame(payloads(back), ['0 first', '0 second', '1 first', '1 second', '2 first', '2 second'])
})

t.test('after a restart a stored session still belongs to its user', async (t) => {
  const start = restarts(t)
  const first = await start()
  await (await subscribed(first.connect('ann', STORED), 'a')).mqtt.endAsync()
  await first.broker.close()
  const second = await start()
  await t.rejects(second.connect('eve', STORED), { code: 2 })
  await t.rejects(second.connect('eve', { clientId: 'stored' }), { code: 2 })
  await (await second.connect('eve')).mqtt.publishAsync('a', 'for ann', { qos: 1 })
  const back = await second.connect('ann', STORED)
  t.match(await back.received(1), [{ payload: 'for ann' }])
})

t.test(
  'a session whose user is gone after a restart has ended; one whose rights shrank gets no more than these',
  async (t) => {
    const start = restarts(t)
    const first = await start()
    await (await subscribed(first.connect('ann', STORED), '#')).mqtt.endAsync()
    await (await subscribed(first.connect('eve', { ...STORED, clientId: 'eves' }), '#')).mqtt.endAsync()
    const writer = await first.connect('eve')
    await writer.mqtt.publishAsync('secret', 'secret', { qos: 1 })
    await writer.mqtt.publishAsync('open', 'open', { qos: 1 })
    await first.broker.close()
    const second = await start(
      usersOf({ ann: { subscribe: ['open', 'fence'] }, bob: { publish: ['#'], subscribe: ['#'] } }),
    )
    const ann = await second.connect('ann', STORED)
    await ann.mqtt.subscribeAsync('fence')
    const bob = await second.connect('bob', { ...STORED, clientId: 'eves' })
    await bob.mqtt.subscribeAsync('fence')
    await fence(bob, ann)
    await fence(bob, bob)
    t.strictSame(payloads(ann), ['open', 'fence', 'fence'])
    t.strictSame(new Set(payloads(bob)), new Set(['fence']), 'the id is free, and its queue gone')
  },
)

t.test('a clean connect ends the session for good', async (t) => {
  const start = restarts(t)
  const first = await start()
  await (await subscribed(first.connect('ann', STORED), '#')).mqtt.endAsync()
  await (await first.connect('eve')).mqtt.publishAsync('a', 'queued', { qos: 1 })
  await (await first.connect('ann', { clientId: 'stored', clean: true })).mqtt.endAsync()
  const eve = await first.connect('eve', STORED)
  t.notOk(eve.messages.length, 'the id is free')
  await first.broker.close()
  const second = await start()
  const back = await second.connect('eve', STORED)
  await back.mqtt.subscribeAsync('fence')
  await fence(await second.connect('eve'), back)
  t.strictSame(payloads(back), ['fence'])
})

t.test('the will of who did not come back after a restart is published, that of who did is not', async (t) => {
  const data = join(t.testdir(), 'data')
  const will = (name: string): IClientOptions => ({
    clientId: name,
    will: { topic: `will/${name}`, payload: Buffer.from(name), qos: 1, retain: false },
  })
  const first = await brokerPair(t, USERS, { data })
  await first.connect('ann', will('gone'))
  await first.connect('ann', will('back'))
  await first.connect('ann', will('taken over'))
  await first.connect('ann', will('taken over'))
  await (await first.connect('ann', will('left'))).mqtt.endAsync()
  await (await first.connect('ann')).mqtt.publishAsync('a', 'all before is written', { qos: 1 })
  // What a kill leaves behind.
  const copy = join(t.testdirName, 'copy')
  cpSync(data, copy, { recursive: true })
  const clock = new ManualClock()
  const second = await brokerPair(t, USERS, { data: copy }, { clock })
  const reader = await subscribed(second.connect('ann'), '#')
  await second.connect('ann', will('back'))
  clock.advance(30_000)
  await reader.received(2)
  await fence(reader, reader)
  t.strictSame(payloads(reader), ['gone', 'taken over', 'fence'])
  t.match(second.log.of('will_published'), [{ client: 'gone', user: 'ann', topic: 'will/gone' }, {}])
})

for (const kind of ['in memory', 'in a data directory']) {
  const limited = (t: Test, limits: Partial<BrokerLimits>, users: Users = USERS) =>
    brokerPair(t, users, { limits, ...(kind === 'in memory' ? {} : { data: join(t.testdir(), 'data') }) })

  t.test(`${kind}: of one SUBSCRIBE only what may be read is stored`, async (t) => {
    const users = usersOf({ spy: { subscribe: ['open', 'fence'] }, ann: { publish: ['#'], subscribe: ['#'] } })
    const { connect } = await limited(t, {}, users)
    const first = await connect('spy', STORED)
    await first.mqtt.subscribeAsync(['secret', 'open', 'fence'], { qos: 1 }).catch(() => {})
    await first.mqtt.endAsync()
    const writer = await connect('ann')
    await writer.mqtt.publishAsync('secret', 'secret', { qos: 1 })
    await writer.mqtt.publishAsync('open', 'open', { qos: 1 })
    const second = await connect('spy', STORED)
    await fence(writer, second)
    t.strictSame(payloads(second), ['open', 'fence'])
  })

  t.test(`${kind}: over queuedMessagesMax new messages are dropped for that client alone`, async (t) => {
    const { connect, log } = await limited(t, { queuedMessagesMax: 3 })
    const other = await subscribed(connect('ann'), 'a')
    await (await subscribed(connect('ann', STORED), 'a')).mqtt.endAsync()
    const writer = await connect('eve')
    for (let index = 0; index < 10; index += 1) await writer.mqtt.publishAsync('a', String(index), { qos: 1 })
    await other.received(10)
    const back = await connect('ann', STORED)
    await back.received(3)
    await back.mqtt.subscribeAsync('fence')
    await fence(writer, back)
    t.strictSame(payloads(back), ['0', '1', '2', 'fence'])
    t.match(log.of('queue_full'), [{ client: 'stored', user: 'ann', messages: 3 }])
    t.equal(log.of('queue_full').length, 1, 'logged once')
    await back.mqtt.endAsync()
    await writer.mqtt.publishAsync('a', 'room again', { qos: 1 })
    t.match(await (await connect('ann', STORED)).received(1), [{ payload: 'room again' }])
  })

  t.test(`${kind}: over queuedBytesMax too`, async (t) => {
    const { connect } = await limited(t, { queuedBytesMax: 100 })
    await (await subscribed(connect('ann', STORED), 'a')).mqtt.endAsync()
    const writer = await connect('eve')
    for (const size of [60, 60, 30, 30]) await writer.mqtt.publishAsync('a', 'x'.repeat(size), { qos: 1 })
    const back = await connect('ann', STORED)
    await back.received(2)
    await back.mqtt.subscribeAsync('fence')
    await fence(writer, back)
    t.strictSame(
      payloads(back).map(({ length }) => length),
      [60, 30, 5],
    )
  })

  t.test(`${kind}: over retainedMessagesMax a new one is delivered and not retained`, async (t) => {
    const { connect, log } = await limited(t, { retainedMessagesMax: 2 })
    const online = await subscribed(connect('ann'), 'r/#')
    const writer = await connect('eve')
    const retain = (topic: string, payload: string) =>
      writer.mqtt.publishAsync(topic, payload, { qos: 1, retain: true })
    for (const topic of ['r/1', 'r/2', 'r/3']) await retain(topic, topic)
    await online.received(3)
    await retain('r/1', 'replaced')
    const late = await subscribed(connect('ann'), 'r/#')
    await late.mqtt.subscribeAsync('fence')
    await fence(writer, late)
    t.strictSame([...payloads(late)].sort(), ['fence', 'r/2', 'replaced'])
    t.match(log.of('retained_messages_full'), [{ topic: 'r/3', messages: 2 }])
    await retain('r/2', '')
    await retain('r/3', 'now')
    const later = await subscribed(connect('ann'), 'r/3')
    t.match(await later.received(1), [{ payload: 'now', retain: true }])
  })

  t.test(`${kind}: over retainedBytesMax too`, async (t) => {
    const { connect } = await limited(t, { retainedBytesMax: 50 })
    const writer = await connect('eve')
    const retain = (topic: string, size: number) =>
      writer.mqtt.publishAsync(topic, 'x'.repeat(size), { qos: 1, retain: true })
    await retain('r/1', 30)
    await retain('r/2', 30)
    await retain('r/1', 40)
    const late = await subscribed(connect('ann'), 'r/#')
    await late.mqtt.subscribeAsync('fence')
    await fence(writer, late)
    t.strictSame(
      payloads(late).map(({ length }) => length),
      [40, 5],
    )
  })

  t.test(`${kind}: more stored sessions than sessionsMax are refused`, async (t) => {
    const { connect } = await limited(t, { sessionsMax: 1 })
    await (await connect('ann', STORED)).mqtt.endAsync()
    await t.rejects(connect('eve', { ...STORED, clientId: 'another' }), { code: 2 })
    t.ok((await connect('eve')).mqtt.connected)
    t.ok((await connect('ann', STORED)).mqtt.connected)
  })
}

t.test('what is restored counts against the limits', async (t) => {
  const start = restarts(t)
  const limits = { queuedMessagesMax: 2, retainedMessagesMax: 1, sessionsMax: 1 }
  const first = await start(USERS, { limits })
  await (await subscribed(first.connect('ann', STORED), 'a')).mqtt.endAsync()
  await (await first.connect('eve')).mqtt.publishAsync('a', 'one', { qos: 1, retain: true })
  await first.broker.close()
  const second = await start(USERS, { limits })
  const writer = await second.connect('eve')
  await writer.mqtt.publishAsync('a', 'two', { qos: 1 })
  await writer.mqtt.publishAsync('a', 'three', { qos: 1 })
  await writer.mqtt.publishAsync('b', 'not retained', { qos: 1, retain: true })
  t.equal(second.log.of('queue_full').length, 1)
  t.equal(second.log.of('retained_messages_full').length, 1)
  await t.rejects(second.connect('eve', STORED), { code: 2 })
  const back = await second.connect('ann', STORED)
  await back.received(2)
  t.strictSame(payloads(back), ['one', 'two'])
})

t.test('a session that nobody comes back to ends after sessionDaysMax', async (t) => {
  const clock = new ManualClock()
  const { connect } = await brokerPair(t, USERS, { limits: { sessionDaysMax: 1 }, sysIntervalMs: 0 }, { clock })
  const stayHours = (hours: number): void => {
    for (let hour = 0; hour < hours; hour += 1) clock.advance(3_600_000)
  }
  const first = await subscribed(connect('ann', STORED), 'a')
  stayHours(48)
  await first.mqtt.endAsync()
  stayHours(24)
  const second = await connect('ann', STORED)
  t.ok(second.isSessionPresent, 'it is kept for a day, and while its client is there')
  await second.mqtt.endAsync()
  stayHours(25)
  t.notOk((await connect('ann', STORED)).isSessionPresent)
})
