import t, { type Test } from 'tap'
import type { Caption, Display } from '../../../../src/clients/display/display.ts'
import type { LightDependencies, LightOptions } from '../../../../src/clients/light/run.ts'
import { lockName, startLight } from '../../../../src/clients/light/run.ts'
import { systemClock } from '../../../../src/platform/clock.ts'
import { lightTime } from '../../../../src/protocol/aspect.ts'
import { DEMO_CROSSING, parseCrossing } from '../../../../src/protocol/crossing.ts'
import { encodeCommand, encodeReport, parseReport } from '../../../../src/protocol/messages.ts'
import { encodePlan, type PlanMessage } from '../../../../src/protocol/plan-message.ts'
import type { Report } from '../../../../src/protocol/wire.ts'
import {
  type BrokerPair,
  brokerPair,
  PASSWORD,
  RecordingLogger,
  type TestClient,
  usersOf,
} from '../../../fixtures/broker-pair.ts'
import { ManualClock } from '../../../fixtures/manual-clock.ts'

const { constants, digest } = DEMO_CROSSING
const LIGHT = 'crossings/demo/lights/light1'

const everything = { subscribe: ['crossings/demo/#'], publish: ['crossings/demo/#'] }
const users = usersOf({
  light1: { roles: [{ role: 'light', crossing: 'demo' }] },
  admin: { roles: [{ role: 'admin', crossing: 'demo' }] },
  other: everything,
  spy: everything,
})

/** A light on a clock that stands still, its broker, and somebody who hears everything and may say everything. */
async function started(t: Test, options: Partial<LightOptions> = {}, dependencies: LightDependencies = {}) {
  const pair = await brokerPair(t, users)
  const spy = await pair.connect('spy')
  await spy.mqtt.subscribeAsync('crossings/demo/#')
  const clock = new ManualClock()
  const log = new RecordingLogger()
  const shown: { readonly aspect: string; readonly caption: Caption }[] = []
  const display: Display = {
    kind: 'recording',
    show: ({ aspect }, caption) => void shown.push({ aspect, caption }),
    close() {},
  }
  const network = () => pair.broker.connect()
  const light = await startLight(
    { name: 'light1', url: 'mqtt://broker', password: PASSWORD, display, ...options },
    { clock, logger: log, network, ...dependencies },
  )
  t.teardown(() => light.kill())
  return { pair, spy, clock, log, shown, light, heard: hearingOf(spy) }
}

function hearingOf(spy: TestClient) {
  let taken = 0
  /** The next message on `topic`, now or later, that `holds` is true of. */
  return async (topic: string, holds: (payload: string) => boolean = () => true): Promise<string> => {
    for (;;) {
      const message = (await spy.received(taken + 1))[taken]
      taken += 1
      if (message?.topic === topic && holds(message.payload)) return message.payload
    }
  }
}

const reportIn = (payload: string): Report => {
  const report = parseReport(Buffer.from(payload))
  if (report === null) throw new Error(`no report: ${payload}`)
  return report
}

const plan = (more: Partial<PlanMessage> = {}): string =>
  encodePlan({
    run: 1,
    file: digest,
    mode: 'auto',
    state: 'running',
    stage: 'one',
    changeSeconds: 1,
    waitingFor: null,
    lights: {},
    ...more,
  })

let n = 0
function greenFor(boot: string, clock: ManualClock, ms: number): string {
  const from = clock.monotonicMs()
  const green = { from: lightTime(from), until: lightTime(from + ms), red: lightTime(from + ms + constants.amberMs) }
  return encodeCommand({ boot, run: 1, n: ++n, green })
}

/** Messages sent before this are there. */
async function settled(spy: TestClient): Promise<void> {
  const before = spy.messages.length
  await spy.mqtt.publishAsync('crossings/demo/reset', `${before}`, { qos: 1 })
  while (!spy.messages.some(({ topic, payload }) => topic === 'crossings/demo/reset' && payload === `${before}`)) {
    await spy.received(spy.messages.length + 1)
  }
}

t.test('once connected it says its aspect, retained, and reports with every heartbeat', async (t) => {
  const { spy, clock, heard, log } = await started(t)
  t.equal(await heard(`${LIGHT}/aspect`), 'red')
  clock.advance(constants.heartbeatMs)
  t.match(reportIn(await heard(`${LIGHT}/report`)), { file: digest, aspect: 'red', now: clock.monotonicMs() })
  t.match(log.of('connected'), [{ light: 'light1', url: 'mqtt://broker' }])
  const report = spy.messages.find(({ topic }) => topic === `${LIGHT}/report`)
  t.equal(report?.retain, false)
})

t.test('it obeys commands to its boot, and says what it shows', async (t) => {
  const { spy, clock, heard, shown } = await started(t)
  await heard(`${LIGHT}/aspect`)
  clock.advance(constants.heartbeatMs)
  const { boot } = reportIn(await heard(`${LIGHT}/report`))
  spy.mqtt.publish(`${LIGHT}/command`, greenFor(boot, clock, 1500))
  t.match(reportIn(await heard(`${LIGHT}/report`)), { aspect: 'green', run: 1, n })
  t.equal(await heard(`${LIGHT}/aspect`), 'green')
  t.equal(shown.at(-1)?.aspect, 'green')
})

t.test('garbage is dropped, and logged once for each kind of message', async (t) => {
  const { spy, clock, heard, log, shown } = await started(t)
  await heard(`${LIGHT}/aspect`)
  const garbage = ['', '{}', 'null', '\0', '{"boot":"x","run":1e999,"n":1}', 'x'.repeat(20_000), Buffer.from([0xff])]
  for (const payload of garbage) {
    spy.mqtt.publish(`${LIGHT}/command`, payload)
    spy.mqtt.publish('crossings/demo/plan', payload)
  }
  await log.waitFor('garbage_dropped', 2)
  clock.advance(constants.heartbeatMs)
  const { boot } = reportIn(await heard(`${LIGHT}/report`))
  spy.mqtt.publish(`${LIGHT}/command`, greenFor(boot, clock, 1500))
  await heard(`${LIGHT}/aspect`, (aspect) => aspect === 'green')
  t.equal(shown.at(-1)?.aspect, 'green', 'and what is none is still obeyed')
  const topics = log.of('garbage_dropped').map((fields) => ('topic' in fields ? fields.topic : null))
  t.strictSame(topics.sort(), ['crossings/demo/lights/light1/command', 'crossings/demo/plan'])
})

t.test('another crossing file is said once, with both digests, and again when it comes back', async (t) => {
  const { spy, log } = await started(t)
  await log.waitFor('connected')
  const say = (file: string): void => void spy.mqtt.publish('crossings/demo/plan', plan({ file }))
  for (let time = 0; time < 5; time++) say('another')
  say(digest)
  say('another')
  say('a third')
  const [first, second, third] = await log.waitFor('crossing_file_differs', 3)
  t.match(first, { light: 'light1', ours: digest, controllers: 'another' })
  t.match(second, { controllers: 'another' })
  t.match(third, { controllers: 'a third' })
})

t.test('the plan tells people when red ends', async (t) => {
  const { spy, clock, log, shown } = await started(t)
  await log.waitFor('connected')
  const light1 = { aspect: 'red', state: 'fresh', heardSecondsAgo: 0, clockBoundsMs: 1, roundTripMs: 1 } as const
  spy.mqtt.publish('crossings/demo/plan', plan({ lights: { light1: { ...light1, changeSeconds: 2.5 } } }))
  spy.mqtt.publish('crossings/demo/plan', plan({ file: 'seen' }))
  await log.waitFor('crossing_file_differs')
  t.strictSame(
    shown.map(({ caption }) => caption.endsAtMs),
    [null, clock.monotonicMs() + 2500, null],
  )
})

t.test('a lie on its aspect topic is corrected, at most once a second', async (t) => {
  const { spy, clock, heard, log } = await started(t)
  await heard(`${LIGHT}/aspect`)
  await log.waitFor('connected')
  await spy.mqtt.publishAsync(`${LIGHT}/aspect`, 'offline', { qos: 1, retain: true })
  t.equal(await heard(`${LIGHT}/aspect`), 'offline')
  await settled(spy)
  clock.advance(1000)
  t.equal(await heard(`${LIGHT}/aspect`), 'red')
})

async function commandsOfAnother({
  spy,
  clock,
}: Pick<Awaited<ReturnType<typeof started>>, 'spy' | 'clock'>): Promise<void> {
  for (let beat = 0; beat < 20; beat++) {
    spy.mqtt.publish(`${LIGHT}/command`, encodeCommand({ boot: 'of another', run: 1, n: ++n }))
    await settled(spy)
    clock.advance(constants.heartbeatMs)
  }
}

t.test('where the crossing file differs, commands for the boot before are no other light of its name', async (t) => {
  const { spy, clock, heard, log } = await started(t)
  await heard(`${LIGHT}/aspect`)
  spy.mqtt.publish('crossings/demo/plan', plan({ file: 'another' }))
  await log.waitFor('crossing_file_differs')
  await commandsOfAnother({ spy, clock })
  t.strictSame(log.of('another_light_of_this_name'), [])
})

t.test('while another light of its name is commanded it is silent, and says why', async (t) => {
  const { spy, clock, heard, log, light } = await started(t)
  await heard(`${LIGHT}/aspect`)
  await commandsOfAnother({ spy, clock })
  t.match(log.of('another_light_of_this_name'), [{ light: 'light1', boot: 'of another' }])
  t.equal(log.of('another_light_of_this_name').length, 1)
  const aspects = spy.messages.filter(({ topic }) => topic === `${LIGHT}/aspect`).map(({ payload }) => payload)
  t.strictSame(aspects, ['red'], 'not even that it flashes')
  t.equal(log.of('command_dropped').length, 1, 'dropped commands are counted')
  await light.stop()
})

t.test('a stop takes no more commands, waits for red, says offline, and leaves no timer', async (t) => {
  const { spy, clock, heard, log, light, shown } = await started(t)
  await heard(`${LIGHT}/aspect`)
  clock.advance(constants.heartbeatMs)
  const { boot } = reportIn(await heard(`${LIGHT}/report`))
  spy.mqtt.publish(`${LIGHT}/command`, greenFor(boot, clock, 1500))
  await heard(`${LIGHT}/aspect`, (aspect) => aspect === 'green')
  const stopped = light.stop()
  const commands = log.lines.length
  spy.mqtt.publish(`${LIGHT}/command`, greenFor(boot, clock, 3000))
  await settled(spy)
  t.equal(log.lines.length, commands)
  clock.advance(1500 + constants.amberMs)
  await stopped
  t.match(shown.at(-1)?.aspect, /red$/)
  t.equal(await heard(`${LIGHT}/aspect`, (aspect) => aspect === 'offline'), 'offline')
  await settled(spy)
  t.equal(spy.messages.filter(({ topic }) => topic === `${LIGHT}/aspect`).at(-1)?.payload, 'offline')
  t.strictSame(clock.delays, [])
  await light.stop()
  await light[Symbol.asyncDispose]()
})

t.test('a kill is red at once, and says offline', async (t) => {
  const { spy, clock, heard, light, shown } = await started(t)
  await heard(`${LIGHT}/aspect`)
  clock.advance(constants.heartbeatMs)
  const { boot } = reportIn(await heard(`${LIGHT}/report`))
  spy.mqtt.publish(`${LIGHT}/command`, greenFor(boot, clock, 1500))
  await heard(`${LIGHT}/aspect`, (aspect) => aspect === 'green')
  const stopped = light.stop()
  await light.kill()
  await stopped
  t.equal(shown.at(-1)?.aspect, 'red')
  t.equal(await heard(`${LIGHT}/aspect`), 'offline')
  t.strictSame(clock.delays, [])
})

t.test('a light that is silent because of another leaves the truth of that one alone when it ends', async (t) => {
  const pair = await brokerPair(t, users)
  const spy = await pair.connect('spy')
  await spy.mqtt.subscribeAsync('crossings/demo/#')
  const streams: { destroy(): unknown }[] = []
  const network = () => {
    const stream = pair.broker.connect()
    streams.push(stream)
    return stream
  }
  const { clock, log, light } = await started(t, {}, { network })
  await log.waitFor('connected')
  spy.mqtt.publish(`${LIGHT}/command`, encodeCommand({ boot: 'of another', run: 1, n: ++n }))
  await log.waitFor('command_dropped')
  streams[0]?.destroy()
  await log.waitFor('not_connected')
  clock.advance(500)
  await log.waitFor('connected', 2)
  await light.stop()
  await settled(spy)
  const aspects = spy.messages.filter(({ topic }) => topic === `${LIGHT}/aspect`).map(({ payload }) => payload)
  t.strictSame(aspects, ['red', 'offline'], 'the will of the broken connection, and no word of its own')
})

t.test('a light that never said a word about itself does not say offline either', async (t) => {
  const { pair, light, log, spy, clock } = await started(t, { password: 'wrong' })
  t.match(await log.waitFor('not_connected'), [{ light: 'light1', kind: 'wrong-password' }])
  await light.stop()
  await settled(spy)
  t.notOk(spy.messages.some(({ topic }) => topic === `${LIGHT}/aspect`))
  t.strictSame(clock.delays, [])
  await pair.broker.close()
})

t.test('the end of a connection is a warning; that there is none yet is not', async (t) => {
  const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
  let isReachable = false
  const pair = await brokerPair(t, users)
  const { clock, log } = await started(
    t,
    {},
    {
      network() {
        const stream = pair.broker.connect()
        if (!isReachable) stream.destroy(refused)
        return stream
      },
    },
  )
  await log.waitFor('not_connected')
  isReachable = true
  await clock.untilTimer((delayMs) => delayMs > 50)
  while (log.of('connected').length === 0) {
    clock.advance(1000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await pair.broker.close()
  await log.waitFor('not_connected', 2)
  const levels = log.lines.filter(({ event }) => event === 'not_connected').map(({ level }) => level)
  t.strictSame(levels, ['info', 'warn'])
})

t.test('the password is asked for anew, where it is a function', async (t) => {
  const passwords = ['wrong', PASSWORD]
  const { clock, log } = await started(t, {
    username: 'light1',
    password: async () => passwords.shift() ?? '',
  })
  await log.waitFor('not_connected')
  await clock.untilTimer((delayMs) => delayMs >= 5000)
  clock.advance(6000)
  await log.waitFor('connected')
  t.strictSame(passwords, [])
})

t.test('what cannot be started is refused, and leaves nothing running', async (t) => {
  const clock = new ManualClock()
  const options = { name: 'light1', url: 'mqtt://broker', password: 'p' }
  const refused = (wrong: Partial<LightOptions>, code: string) =>
    t.rejects(startLight({ ...options, ...wrong }, { clock }), { code })
  await refused({ name: 'light3' }, 'configuration')
  await refused({ url: 'http://broker' }, 'configuration')
  await refused({ display: 'cinema' }, 'usage')
  await t.rejects(startLight({ ...options, name: 'light3' }), {
    message: /'demo' has no light 'light3'.*light1, light2/,
  })
  t.strictSame(clock.delays, [])
})

t.test('a display by name is painted by a lamp of its own process', async (t) => {
  const { light, log } = await started(
    t,
    { url: `mqtt://${process.pid}.run-test`, display: 'none' },
    { clock: systemClock },
  )
  t.match(await log.waitFor('display_held'), [{ light: 'light1' }])
  await light.stop()
})

t.test('a second lamp on a display says for whom it waits', async (t) => {
  const listeners: { waits(pid: number | null): void }[] = []
  const lamp = {
    listen: (listener: { waits(pid: number | null): void }) => void listeners.push(listener),
    command() {},
    trip() {},
    hint() {},
    note() {},
    stop: async () => {},
    kill: async () => {},
  }
  const { log } = await started(t, {}, { lamp })
  listeners[0]?.waits(4711)
  t.match(log.of('display_held_by_another'), [{ light: 'light1', pid: 4711 }])
})

t.test('a display that fails is told to all: the light is offline until it works again', async (t) => {
  let works = true
  const display: Display = { kind: 'recording', show() {}, works: () => works, close() {} }
  const { clock, heard } = await started(t, { display })
  t.equal(await heard(`${LIGHT}/aspect`), 'red')
  works = false
  clock.advance(1000)
  t.equal(await heard(`${LIGHT}/aspect`), 'offline')
  works = true
  clock.advance(1000)
  t.match(await heard(`${LIGHT}/aspect`), 'red')
})

t.test('a lock is named by broker, crossing and light', async (t) => {
  const names = [
    lockName({ url: 'mqtt://a', crossing: 'demo', light: 'light1', display: 'none' }),
    lockName({ url: 'mqtt://b', crossing: 'demo', light: 'light1', display: 'none' }),
    lockName({ url: 'mqtt://a', crossing: 'other', light: 'light1', display: 'none' }),
    lockName({ url: 'mqtt://a', crossing: 'demo', light: 'light2', display: 'none' }),
  ]
  t.equal(new Set(names).size, 4)
})

t.test('a lock on a panel is that of the panel, whichever light paints it', async (t) => {
  for (const display of ['sense-hat', 'emulator']) {
    const [one, other] = ['light1', 'light2'].map((light) =>
      lockName({ url: 'mqtt://a', crossing: 'demo', light, display }),
    )
    t.equal(one, other)
  }
  const lock = (display: string): string => lockName({ url: 'mqtt://a', crossing: 'demo', light: 'light1', display })
  t.equal(new Set(['sense-hat', 'emulator', 'terminal'].map(lock)).size, 3)
})

t.test('a light of another crossing speaks on that one’s topics', async (t) => {
  const crossing = parseCrossing({ ...DEMO_CROSSING.file, crossing: 'other' }, 'test')
  const pair = await brokerPair(t, usersOf({ light1: { roles: [{ role: 'light', crossing: 'other' }] } }))
  const log = new RecordingLogger()
  const display: Display = { kind: 'recording', show() {}, close() {} }
  await using _light = await startLight(
    { name: 'light1', url: 'mqtt://broker', password: PASSWORD, crossing, display },
    { logger: log, network: () => pair.broker.connect() },
  )
  await log.waitFor('connected')
  t.pass()
})

t.test('a crossing that trips: it flashes red until the broker says that it is over', async (t) => {
  const { pair, clock, shown, log } = await started(t)
  const broker = await pair.connect('spy')
  await log.waitFor('connected')
  await lieUntilTripped(pair)
  await log.waitFor('trip')
  t.match(log.of('trip'), [{ light: 'light1', tripped: true, what: /light1 showed green/ }])
  clock.advance(200)
  t.equal(shown.at(-1)?.aspect, 'flashing-red')
  await broker.mqtt.publishAsync(`${LIGHT}/command`, encodeCommand({ boot: 'any', run: 1, n: 1 }), { qos: 1 })
  const admin = await pair.connect('admin')
  await admin.mqtt.publishAsync('crossings/demo/reset', '', { qos: 1 })
  await log.waitFor('trip', 2)
  t.match(log.of('trip')[1], { tripped: false })
})

/** Somebody with this light's credentials reports what no command allowed. */
async function lieUntilTripped(pair: BrokerPair): Promise<void> {
  const spy = await pair.connect('spy')
  await spy.mqtt.publishAsync('crossings/demo/file', JSON.stringify(DEMO_CROSSING.file), { qos: 1 })
  for (const now of [0, 300].map(lightTime)) {
    const report = { file: digest, boot: 'liar', now, aspect: 'green', run: 0, n: 0, at: now } as const
    await spy.mqtt.publishAsync(`${LIGHT}/report`, encodeReport({ ...report, at: lightTime(0) }), { qos: 1 })
  }
}
