/** The conflict monitor in a broker: what it publishes, whom it believes, and who may end a trip. */
import t, { type Test } from 'tap'
import type { User } from '../../../../src/broker/auth/users.ts'
import type { BrokerOptions } from '../../../../src/broker/broker.ts'
import { Watch } from '../../../../src/broker/interlock/watch.ts'
import { lightTime } from '../../../../src/protocol/aspect.ts'
import { DEMO_CROSSING, parseCrossing } from '../../../../src/protocol/crossing.ts'
import { encodeReport } from '../../../../src/protocol/messages.ts'
import { encodeTrip, parseTrip, type Trip } from '../../../../src/protocol/trip.ts'
import { brokerPair, RecordingLogger, type TestClient, usersOf } from '../../../fixtures/broker-pair.ts'
import { ManualClock } from '../../../fixtures/manual-clock.ts'

const TRIP = 'crossings/demo/trip'
const RESET = 'crossings/demo/reset'
const FILE = 'crossings/demo/file'
const REPORT = 'crossings/demo/lights/light2/report'

const grant = (role: User['roles'][number]['role']): Partial<User> => ({ roles: [{ role, crossing: 'demo' }] })
const users = usersOf({
  light2: grant('light'),
  controller: grant('controller'),
  viewer: grant('viewer'),
  admin: grant('admin'),
  other: { roles: [{ role: 'admin', crossing: 'other' }] },
  everything: { publish: ['#'], subscribe: ['#'] },
})

/** What a lamp reports that took no command, `now` on its clock. */
const greenAt = (now: number, aspect: 'green' | 'red' = 'green'): string => {
  const { digest: file } = DEMO_CROSSING
  return encodeReport({ file, boot: 'rogue', now: lightTime(now), aspect, run: 0, n: 0, at: lightTime(0) })
}

async function watched(t: Test, options: Partial<BrokerOptions> = { crossings: [DEMO_CROSSING] }) {
  const pair = await brokerPair(t, users, options)
  const viewer = await pair.connect('viewer')
  await viewer.mqtt.subscribeAsync(TRIP, { qos: 1 })
  return { ...pair, viewer }
}

/** The light lies for a third of a second of its own clock. */
async function lie(light: TestClient, from = 1000): Promise<void> {
  for (let now = from; now <= from + 300; now += 100) await light.mqtt.publishAsync(REPORT, greenAt(now), { qos: 1 })
}

const tripsIn = (client: TestClient): Trip[] =>
  client.messages.map(({ payload }) => {
    const trip = parseTrip(Buffer.from(payload))
    if (trip === null) throw new Error(`no trip: ${payload}`)
    return trip
  })

t.test('a broker says at its start that nothing is tripped, and keeps what it says', async (t) => {
  const { viewer } = await watched(t)
  t.match(await viewer.received(1), [{ topic: TRIP, retain: true }])
  t.match(tripsIn(viewer), [{ tripped: false, lights: [] }])
  t.ok(Math.abs(Date.parse(tripsIn(viewer)[0]?.when ?? '') - Date.now()) < 3_600_000)
})

t.test('a light that shows what no command allowed trips its crossing, once; the trip is retained', async (t) => {
  const { broker, viewer, connect, log } = await watched(t)
  const light = await connect('light2')
  await lie(light)
  await viewer.received(2)
  await lie(light, 5000)
  const late = await connect('viewer')
  await late.mqtt.subscribeAsync(TRIP)
  t.match(await late.received(1), [{ retain: true }])
  t.match(tripsIn(late), [{ tripped: true, what: /^light2 showed green/, lights: ['light2'] }])
  t.equal(viewer.messages.length, 2)
  t.match(log.of('tripped'), [{ crossing: 'demo', kind: 'unallowed', light: 'light2' }])
  t.match(await broker.metrics(), /^crossing_broker_trips_total\{crossing="demo"\} 1$/m)
})

t.test('nobody but the broker publishes a trip, and an empty message does not clear it', async (t) => {
  const { viewer, connect } = await watched(t)
  const light = await connect('light2')
  await lie(light)
  await viewer.received(2)
  for (const name of ['light2', 'controller', 'viewer', 'admin', 'everything']) {
    const liar = await connect(name)
    for (const payload of ['', '{"tripped":false}'])
      await liar.mqtt.publishAsync(TRIP, payload, { qos: 1, retain: true })
  }
  const late = await connect('viewer')
  await late.mqtt.subscribeAsync(TRIP)
  await late.received(1)
  t.match(tripsIn(late), [{ tripped: true }])
  t.equal(viewer.messages.length, 2)
})

t.test('only an admin of that crossing ends a trip, and the monitor goes on watching', async (t) => {
  const { viewer, connect, log } = await watched(t)
  const light = await connect('light2')
  await lie(light)
  await viewer.received(2)
  for (const name of ['light2', 'controller', 'viewer', 'other', 'everything']) {
    await (await connect(name)).mqtt.publishAsync(RESET, 'reset', { qos: 1 })
  }
  t.equal(viewer.messages.length, 2)
  t.equal(log.of('publish_refused').length, 4)
  t.match(log.of('reset_refused'), [{ user: 'everything' }])
  const admin = await connect('admin')
  await admin.mqtt.publishAsync(RESET, '', { qos: 1 })
  await viewer.received(3)
  t.match(tripsIn(viewer)[2], { tripped: false, what: 'reset by admin' })
  await admin.mqtt.publishAsync(RESET, '', { qos: 1 })
  await lie(light, 9000)
  await viewer.received(4)
  t.match(tripsIn(viewer)[3], { tripped: true })
})

t.test('without a configured file it learns of a crossing from the one that is published', async (t) => {
  const { viewer, connect, log } = await watched(t, {})
  const light = await connect('light2')
  await lie(light)
  const controller = await connect('controller')
  for (const text of ['', 'no file', '{}', JSON.stringify({ ...DEMO_CROSSING.file, crossing: 'other' })]) {
    await controller.mqtt.publishAsync(FILE, text, { qos: 1, retain: true })
  }
  t.equal(viewer.messages.length, 0)
  t.equal(log.of('garbage_dropped').length, 1, 'told once in a while')
  await controller.mqtt.publishAsync(FILE, JSON.stringify(DEMO_CROSSING.file), { qos: 1, retain: true })
  await viewer.received(1)
  await lie(light, 5000)
  await viewer.received(2)
  t.match(
    tripsIn(viewer).map(({ tripped }) => tripped),
    [false, true],
  )
})

const compatible = parseCrossing({ ...DEMO_CROSSING.file, compatible: [['light1', 'light2']] }, 'a test')

t.test('a configured file wins over what a controller publishes', async (t) => {
  const { connect, log } = await watched(t)
  const controller = await connect('controller')
  await controller.mqtt.publishAsync(FILE, JSON.stringify(compatible.file), { qos: 1, retain: true })
  t.match(log.of('monitor_file_differs'), [{ crossing: 'demo' }])
  t.equal(log.of('monitor_learned_crossing').length, 0)
})

t.test('a restart', async (t) => {
  const restarted = (retained: Parameters<Watch['start']>[0], crossings = [DEMO_CROSSING]) => {
    const published: Record<string, string> = {}
    const logger = new RecordingLogger()
    const watch = new Watch(
      { crossings, crossingsMax: 2 },
      { clock: new ManualClock(), logger, publish: (topic, payload) => Object.assign(published, { [topic]: payload }) },
    )
    watch.start(retained)
    return { watch, published, logger }
  }
  const kept = { topic: TRIP, payload: Buffer.from(encodeTrip({ tripped: true, what: 'a', when: 'then', lights: [] })) }

  t.test('a trip that was kept goes on, and is told again with its time', async (t) => {
    for (const crossings of [[DEMO_CROSSING], []]) {
      const { watch, published, logger } = restarted([kept], crossings)
      t.match(parseTrip(Buffer.from(published[TRIP] ?? '')), { tripped: true, what: 'a', when: 'then' })
      t.same(watch.tripped, ['demo'])
      t.equal(logger.of('still_tripped').length, 1)
      watch.see(RESET, '', { name: 'admin', rights: { resets: ['demo'] } })
      t.same(watch.tripped, [])
      t.match(parseTrip(Buffer.from(published[TRIP] ?? '')), { tripped: false })
    }
  })

  t.test('a file that was kept is watched by at once', async (t) => {
    const { watch, published } = restarted(
      [{ topic: FILE, payload: Buffer.from(JSON.stringify(DEMO_CROSSING.file)) }],
      [],
    )
    t.match(parseTrip(Buffer.from(published[TRIP] ?? '')), { tripped: false })
    for (const now of [0, 300]) watch.see(REPORT, greenAt(now))
    t.same(watch.tripped, ['demo'])
  })

  t.test('garbage that was kept is nothing', async (t) => {
    for (const payload of ['', 'true', '{"tripped":1}']) {
      t.match(restarted([{ topic: TRIP, payload: Buffer.from(payload) }]).watch.tripped, [])
    }
  })

  t.test('crossings beyond the limit are not watched, and that is said', async (t) => {
    const files = ['a', 'b', 'c'].map((crossing) => ({
      topic: `crossings/${crossing}/file`,
      payload: Buffer.from(JSON.stringify({ ...DEMO_CROSSING.file, crossing })),
    }))
    const { published, logger } = restarted(files)
    t.same(Object.keys(published).sort(), ['crossings/a/trip', 'crossings/b/trip', TRIP])
    t.match(logger.of('crossing_not_watched'), [{ crossing: 'c', crossingsMax: 2 }])
  })
})
