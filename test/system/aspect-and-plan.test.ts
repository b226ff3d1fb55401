/** What a crossing tells people: aspect, plan, file; and the one thing that they tell it, its mode. */

import t, { type Test } from 'tap'
import { CROSSING, LIE_MS } from '../fixtures/crossing-bounds.ts'
import { LIGHTS, type LightName, type Rig } from '../fixtures/crossing-rig.ts'
import { PASSWORD, type UserName } from '../fixtures/crossing-users.ts'
import type { MqttPerson, Received } from '../fixtures/mqtt-person.ts'
import type { RunningProcess } from '../fixtures/processes.ts'
import { rigTest, SIDE_BY_SIDE } from '../fixtures/rig-test.ts'
import { nowMs } from '../fixtures/waiting.ts'

t.jobs = SIDE_BY_SIDE

const EVERYTHING = 'crossings/demo/#'
const PLAN = 'crossings/demo/plan'
const FILE = 'crossings/demo/file'
const aspectOf = (light: string): string => `crossings/demo/lights/${light}/aspect`

const textOf = ({ payload }: Received): string => payload.toString()

async function viewerOf(rig: Rig): Promise<MqttPerson> {
  const viewer = await rig.person('viewer')
  await viewer.subscribe(EVERYTHING)
  return viewer
}

rigTest(t, 'a crossing tells what it does, to whoever may hear it', async (t, rig) => {
  await t.test('aspect, file, mode and trip are retained; report, command and plan are not', (t) => retains(t, rig))
  await t.test('a lie about a light is corrected, and its own changes are told at once', (t) => correctsLies(t, rig))
  await t.test('aspect is offline once a light was killed, and the truth once it is back', (t) => tellsDeath(t, rig))
  await t.test('plan tells stage, time to the next change, clock bounds and round trips, and what it waits for', (t) =>
    tellsPlan(t, rig),
  )
  await t.test('aspect is offline once a light was ended', (t) => tellsEnd(t, rig))
})

/** Before anybody else has published anything. */
async function retains(t: Test, rig: Rig): Promise<void> {
  const admin = await rig.person('admin')
  await admin.publish('crossings/demo/mode', 'auto', { retain: true })
  const viewer = await viewerOf(rig)
  for (const light of LIGHTS) {
    await viewer.hears(`crossings/demo/lights/${light}/report`)
    await viewer.hears(`crossings/demo/lights/${light}/command`)
  }
  await viewer.hears(PLAN)
  const kept = [FILE, aspectOf('light1'), aspectOf('light2'), 'crossings/demo/mode', 'crossings/demo/trip']
  // What is retained may come after what is said just then.
  for (const topic of kept) await viewer.hears(topic, ({ retain }) => retain)
  const topics = viewer.received.filter(({ retain }) => retain).map(({ topic }) => topic)
  t.same(topics.toSorted(), kept.toSorted())
  t.same(JSON.parse(textOf(await viewer.hears(FILE))), CROSSING)
}

/** Each lie is told while the light is red. */
async function correctsLies(t: Test, rig: Rig): Promise<void> {
  const viewer = await viewerOf(rig)
  const forger = await rig.person('forger')
  const light1 = aspectOf('light1')
  for (const lie of ['green', 'offline', 'blue', '']) {
    // While red it tells nothing new of its own for some seconds.
    await rig.traces.turns('light1', 'red')
    await viewer.hears(light1, (message) => message.atMs > nowMs() - 500 && textOf(message) === 'red')
    const since = nowMs()
    await forger.publish(light1, lie, { retain: true })
    const told = await viewer.hears(light1, (message) => message.atMs > since && textOf(message) === lie)
    const truth = await viewer.hears(light1, (message) => message.atMs > told.atMs && textOf(message) === 'red')
    rig.isWithin(t, `'${lie}' stood for`, { tookMs: truth.atMs - told.atMs, boundMs: LIE_MS, sinceMs: told.atMs })
  }
}

async function tellsDeath(t: Test, rig: Rig): Promise<void> {
  const viewer = await viewerOf(rig)
  const light1 = aspectOf('light1')
  await viewer.hears(light1, (message) => textOf(message) !== 'offline')
  const killed = nowMs()
  await rig.light('light1').kill()
  await viewer.hears(light1, (message) => message.atMs > killed && textOf(message) === 'offline')
  const restarted = rig.startLight('light1')
  // Until then its orphan shows what it was granted, and nobody tells.
  await Promise.all([restarted.logs('connected'), restarted.logs('display_held')])
  const back = nowMs()
  const truth = await viewer.hears(light1, (message) => message.atMs > killed && textOf(message) !== 'offline')
  rig.isWithin(t, 'the truth after it was back', { tookMs: truth.atMs - back, boundMs: LIE_MS, sinceMs: back })
  await rig.recovers(t, back, 'parent')
}

async function tellsEnd(t: Test, rig: Rig): Promise<void> {
  const light1 = rig.light('light1')
  light1.signal('SIGTERM')
  await light1.ended
  const late = await rig.person('admin')
  await late.subscribe(aspectOf('light1'))
  const last = await late.hears(aspectOf('light1'))
  t.equal(textOf(last), 'offline')
  t.ok(last.retain)
}

/** Kills light2 in the end. */
async function tellsPlan(t: Test, rig: Rig): Promise<void> {
  const viewer = await viewerOf(rig)
  const since = nowMs()
  await rig.runs()
  const plans = viewer.on(PLAN)
  const last = plans.at(-1)
  t.match(last === undefined ? null : JSON.parse(textOf(last)), {
    run: Number,
    file: /^[0-9a-f]{64}$/,
    mode: 'auto',
    state: 'running',
    stage: /^(one|two)$/,
    changeSeconds: Number,
    waitingFor: null,
    lights: {
      light1: { state: 'fresh', clockBoundsMs: Number, roundTripMs: Number, changeSeconds: Number },
      light2: { state: 'fresh', clockBoundsMs: Number, roundTripMs: Number, changeSeconds: Number },
    },
  })
  t.ok(plans.every(({ qos }) => qos === 0))
  const seconds = (nowMs() - since) / 1000
  t.ok(
    plans.length >= Math.floor(seconds) - 1 && plans.length <= 3 * seconds + 3,
    `${plans.length} in ${seconds.toFixed(1)} s`,
  )
  await rig.light('light2').kill()
  // A busy machine may have stopped the plan before, for another reason.
  const waits = await viewer.hears(PLAN, (message) => /light2/.test(JSON.parse(textOf(message)).waitingFor))
  t.match(JSON.parse(textOf(waits)), { state: 'stopped' })
  const missing = await viewer.hears(PLAN, (message) => JSON.parse(textOf(message)).lights.light2.state === 'missing')
  t.match(JSON.parse(textOf(missing)), { lights: { light2: { heardSecondsAgo: Number } } })
}

/** Runs `crossing mode` to its end. */
async function mode(rig: Rig, argv: readonly string[], user: UserName = 'admin'): Promise<RunningProcess> {
  const running = rig.start(['mode', ...argv, '--url', rig.url, '--username', user], {
    environment: { MQTT_PASSWORD: PASSWORD },
  })
  await running.closed
  return running
}

/** Resolves when a light goes dark and lit again, as it does twice in about two seconds. */
async function flashes(rig: Rig, light: LightName): Promise<void> {
  const since = nowMs()
  await rig.traces.until(`${light} to flash`, () => {
    const dark = rig.traces.frames.filter((frame) => frame.light === light && frame.atMs > since && !frame.isLit)
    return dark.length >= 2 || undefined
  })
}

rigTest(
  t,
  'mode hold shows steady red, flash flashes red, auto goes on; greens end with their amber',
  async (t, rig) => {
    t.equal((await mode(rig, [])).stdout, 'auto\n')
    await rig.traces.turns('light1', 'green')
    const held = await mode(rig, ['hold'])
    t.same([held.ending?.code, held.stdout, held.stderr], [0, 'hold\n', ''])
    const viewer = await viewerOf(rig)
    // The plan is held at once; what was granted before, to the next light too, runs to its end.
    await viewer.hears(PLAN, (message) => {
      const plan = JSON.parse(textOf(message))
      return plan.state === 'held' && LIGHTS.every((light) => plan.lights[light].changeSeconds === null)
    })
    for (const light of LIGHTS) await rig.traces.shows(light, 'red')
    const resting = nowMs()
    await viewer.hears(PLAN, ({ atMs }) => atMs > resting + 3000)
    t.same(
      rig.traces.frames.filter(({ atMs, colour }) => atMs > resting && colour !== 'red'),
      [],
      'all red',
    )
    t.equal((await mode(rig, ['flash'])).stdout, 'flash\n')
    await Promise.all(LIGHTS.map((light) => flashes(rig, light)))
    t.equal((await mode(rig, [])).stdout, 'flash\n')
    const since = nowMs()
    t.equal((await mode(rig, ['auto'])).stdout, 'auto\n')
    await rig.recovers(t, since, 'lamp')
    const refused = await mode(rig, ['hold'], 'viewer')
    t.equal(refused.ending?.code, 1)
    t.match(refused.stderr, /^crossing mode: .*viewer.*admin.*\n$/)
    await rig.isUndisturbed(t, since + 4000)
  },
)
