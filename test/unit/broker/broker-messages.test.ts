import t from 'tap'
import type { User } from '../../../src/broker/auth/users.ts'
import { brokerPair, type TestClient, usersOf } from '../../fixtures/broker-pair.ts'

const CROSSING = 'demo'
const grant = (role: User['roles'][number]['role']): Partial<User> => ({ roles: [{ role, crossing: CROSSING }] })

const PYTHON: Partial<User> = { publish: ['light1', 'light2'], subscribe: ['light1', 'light2'] }

const REPORT = 'crossings/demo/lights/light1/report'
const COMMAND = 'crossings/demo/lights/light1/command'

/** A message after which all earlier ones of the same publisher have been delivered. */
async function fence(from: TestClient, to: TestClient, topic: string): Promise<void> {
  const before = to.messages.length
  await from.mqtt.publishAsync(topic, 'fence')
  await to.received(before + 1)
}

t.test('the original clients: user name, QoS 0, topics light1 and light2, payloads red and green', async (t) => {
  const { connect } = await brokerPair(t, usersOf({ python: PYTHON }))
  const leading = await connect('python', { clientId: 'paho1' })
  const following = await connect('python', { clientId: 'paho2' })
  await following.mqtt.subscribeAsync('light2')
  await leading.mqtt.subscribeAsync('light1')
  await leading.mqtt.publishAsync('light2', 'red')
  await leading.mqtt.publishAsync('light2', 'green')
  await following.mqtt.publishAsync('light1', 'red')
  t.strictSame(
    (await following.received(2)).map(({ payload }) => payload),
    ['red', 'green'],
  )
  t.strictSame(await leading.received(1), [{ topic: 'light1', payload: 'red', retain: false }])
})

t.test('a refused publish is dropped and logged, and the publisher goes on', async (t) => {
  const { connect, log } = await brokerPair(
    t,
    usersOf({ light1: grant('light'), boss: grant('controller'), eye: grant('viewer') }),
  )
  const light = await connect('light1')
  const viewer = await connect('eye')
  await viewer.mqtt.subscribeAsync('crossings/demo/#')
  for (const qos of [0, 1, 2] as const) {
    await light.mqtt.publishAsync(COMMAND, 'forged', { qos, retain: true })
    await light.mqtt.publishAsync('crossings/demo/lights/light2/report', 'forged', { qos, retain: true })
    await light.mqtt.publishAsync('crossings/demo/trip', 'forged', { qos })
    await light.mqtt.publishAsync('$SYS/broker/forged', 'forged', { qos })
  }
  await fence(light, viewer, REPORT)
  t.strictSame(
    viewer.messages.map(({ payload }) => payload),
    ['fence'],
  )
  t.ok(light.mqtt.connected)
  const later = await connect('eye')
  await later.mqtt.subscribeAsync('crossings/demo/#')
  await fence(light, later, REPORT)
  t.equal(later.messages.length, 1, 'nothing forged was retained')
  t.match(log.of('publish_refused'), [{ user: 'light1', topic: COMMAND, count: 1 }, {}, {}, {}])
  t.equal(log.of('publish_refused').length, 4, 'once per topic')
})

t.test('nothing of a refused publish is queued for a stored session', async (t) => {
  const { connect } = await brokerPair(
    t,
    usersOf({ all: { subscribe: ['#'] }, nobody: {}, writer: { publish: ['a'] } }),
  )
  const stored = { clientId: 'stored', clean: false }
  const first = await connect('all', stored)
  await first.mqtt.subscribeAsync('#', { qos: 1 })
  await first.mqtt.endAsync()
  await (await connect('nobody')).mqtt.publishAsync('b', 'forged', { qos: 1 })
  const writer = await connect('writer')
  await writer.mqtt.publishAsync('a', 'true', { qos: 1 })
  const second = await connect('all', stored)
  await second.received(1)
  await fence(writer, second, 'a')
  t.strictSame(
    second.messages.map(({ topic }) => topic),
    ['a', 'a'],
  )
})

t.test('a flood of refused publishes cuts its sender alone', async (t) => {
  const { connect, log } = await brokerPair(t, usersOf({ bad: {}, python: PYTHON }))
  const bad = await connect('bad')
  const good = await connect('python')
  await good.mqtt.subscribeAsync('light1')
  const closed = new Promise<void>((resolve) => bad.mqtt.once('close', () => resolve()))
  for (let sent = 0; sent < 1001; sent += 1) bad.mqtt.publish('light1', 'forged')
  await closed
  await fence(good, good, 'light1')
  t.equal(good.messages.length, 1)
  t.match(log.of('client_cut'), [{ user: 'bad' }])
  t.equal(log.of('publish_refused').length, 1)
})

t.test('a thousand refused publishes do not cut yet', async (t) => {
  const { connect } = await brokerPair(t, usersOf({ bad: {} }))
  const bad = await connect('bad')
  for (let sent = 0; sent < 999; sent += 1) bad.mqtt.publish('light1', 'forged')
  await bad.mqtt.publishAsync('light1', 'forged', { qos: 1 })
  t.ok(bad.mqtt.connected)
})

t.test('a refused subscription is answered with 0x80 and the connection stays', async (t) => {
  const { connect, log } = await brokerPair(t, usersOf({ light1: grant('light') }))
  const light = await connect('light1')
  const granted = (filter: string): Promise<unknown> =>
    light.mqtt.subscribeAsync(filter).then(
      (grants) => grants.map(({ qos }) => qos),
      (error) => error.message,
    )
  t.strictSame(await granted(COMMAND), [0])
  for (const filter of [
    '#',
    '$SYS/#',
    REPORT,
    'crossings/demo/#',
    'crossings/+/plan',
    'crossings/demo/lights/light2/command',
  ]) {
    t.match(await granted(filter), /Unspecified error|128/, filter)
  }
  t.ok(light.mqtt.connected)
  t.equal(log.of('subscribe_refused').length, 6)
})

t.test('one SUBSCRIBE of an allowed and a refused filter stores only the allowed one, in either order', async (t) => {
  for (const filters of [
    ['open', 'secret'],
    ['secret', 'open'],
  ]) {
    const { connect, broker } = await brokerPair(
      t,
      usersOf({ spy: { subscribe: ['open'] }, writer: { publish: ['open', 'secret'] } }),
    )
    const stored = { clientId: 'spy', clean: false }
    const first = await connect('spy', stored)
    await first.mqtt.subscribeAsync(filters, { qos: 1 }).catch(() => {})
    await first.mqtt.endAsync()
    const writer = await connect('writer')
    await writer.mqtt.publishAsync('secret', 'queued', { qos: 1 })
    const second = await connect('spy', stored)
    await writer.mqtt.publishAsync('secret', 'online', { qos: 1 })
    await fence(writer, second, 'open')
    t.strictSame(
      second.messages.map(({ topic }) => topic),
      ['open'],
    )
    await broker.close()
  }
})

t.test('a will that the user may not publish is refused with the connection', async (t) => {
  const { connect } = await brokerPair(t, usersOf({ light1: grant('light') }))
  for (const topic of [
    COMMAND,
    'crossings/demo/lights/+/aspect',
    '#',
    'crossings/demo/lights/light1/aspect/\0',
    '$SYS/x',
  ]) {
    await t.rejects(
      connect('light1', { will: { topic, payload: Buffer.from('offline'), qos: 0, retain: false } }),
      { code: 5 },
      topic,
    )
  }
})

t.test('a will is published when a connection breaks', async (t) => {
  const { connect } = await brokerPair(t, usersOf({ light1: grant('light'), eye: grant('viewer') }))
  const viewer = await connect('eye')
  await viewer.mqtt.subscribeAsync('crossings/demo/lights/+/aspect')
  const topic = 'crossings/demo/lights/light1/aspect'
  const light = await connect('light1', { will: { topic, payload: Buffer.from('offline'), qos: 1, retain: true } })
  light.mqtt.stream.destroy()
  t.strictSame(await viewer.received(1), [{ topic, payload: 'offline', retain: false }])
})

t.test('$SYS is for role admin, who sees there what the broker says and nothing of refused messages', async (t) => {
  const users = usersOf({ light1: grant('light'), boss: { ...grant('admin'), subscribe: ['#'] }, eye: grant('viewer') })
  const { connect } = await brokerPair(t, users, { sysIntervalMs: 0 })
  for (const name of ['light1', 'eye']) {
    const other = await connect(name)
    for (const filter of ['$SYS/#', '$SYS/broker/uptime', '#', '+/broker/#'])
      await t.rejects(other.mqtt.subscribeAsync(filter), `${name} ${filter}`)
  }
  const admin = await connect('boss')
  const granted = await admin.mqtt.subscribeAsync(['$SYS/#', '#'], { qos: 1 })
  t.match(granted, [{ qos: 1 }, { qos: 1 }])
  const light = await connect('light1')
  await light.mqtt.publishAsync('$SYS/broker/uptime', 'forged', { qos: 1 })
  await light.mqtt.publishAsync(COMMAND, 'forged', { qos: 1 })
  await fence(light, admin, REPORT)
  t.strictSame(
    admin.messages.map(({ topic }) => topic),
    [REPORT],
  )
})

t.test('a retained message is given to who may read it', async (t) => {
  const { connect } = await brokerPair(t, usersOf({ light1: grant('light'), eye: grant('viewer') }))
  const topic = 'crossings/demo/lights/light1/aspect'
  await (await connect('light1')).mqtt.publishAsync(topic, 'green', { qos: 1, retain: true })
  const viewer = await connect('eye')
  await viewer.mqtt.subscribeAsync('crossings/#').catch(() => {})
  await viewer.mqtt.subscribeAsync('crossings/demo/#')
  t.strictSame(await viewer.received(1), [{ topic, payload: 'green', retain: true }])
})

t.test('a message is forwarded within a millisecond', async (t) => {
  const { connect } = await brokerPair(t, usersOf({ light1: grant('light'), boss: grant('controller') }))
  const light = await connect('light1')
  const controller = await connect('boss')
  await controller.mqtt.subscribeAsync('crossings/demo/lights/+/report')
  const payload = 'x'.repeat(200)
  const tookMs: number[] = []
  for (let turn = 1; turn <= 300; turn += 1) {
    const sentMs = performance.now()
    light.mqtt.publish(REPORT, payload)
    await controller.received(turn)
    tookMs.push(performance.now() - sentMs)
  }
  const median = tookMs.toSorted((a, b) => a - b)[150] ?? Number.POSITIVE_INFINITY
  t.comment(`median ${median.toFixed(3)} ms`)
  t.ok(median < 1, `median ${median} ms`)
})
