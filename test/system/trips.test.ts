/** The conflict monitor: a light that lies stops the crossing, until an admin has seen to it. */
import t, { type Test } from 'tap'
import { LIGHTS, type Rig } from '../fixtures/crossing-rig.ts'
import { PASSWORD } from '../fixtures/crossing-users.ts'
import type { MqttPerson } from '../fixtures/mqtt-person.ts'
import { rigTest, SIDE_BY_SIDE } from '../fixtures/rig-test.ts'
import { nowMs } from '../fixtures/waiting.ts'

t.jobs = SIDE_BY_SIDE

const TRIP = 'crossings/demo/trip'
const EVERYTHING = 'crossings/demo/#'
const reportOf = (light: string): string => `crossings/demo/lights/${light}/report`

/** Somebody with the credentials of light2 reports green while light1 is green, until the crossing trips. */
async function lieUntilTripped(rig: Rig, viewer: MqttPerson): Promise<void> {
  const liar = await rig.person('light2')
  await rig.comesToShow('light1', 'green')
  const { payload } = await viewer.hears(reportOf('light2'))
  const { file } = JSON.parse(payload.toString())
  const since = nowMs()
  const tripped = viewer.hears(TRIP, (message) => message.atMs >= since && isTripped(message))
  let isOver = false
  const over = tripped.finally(() => {
    isOver = true
  })
  while (!isOver) {
    const report = { file, boot: 'rogue', now: nowMs(), aspect: 'green', run: 0, n: 0, at: since }
    await liar.publish(reportOf('light2'), JSON.stringify(report))
  }
  await over
}

const isTripped = ({ payload }: { readonly payload: Buffer }): boolean => JSON.parse(payload.toString()).tripped

/** Resolves when each light's lamp has reported since `sinceMs` that it flashes red. */
async function bothFlash(viewer: MqttPerson, sinceMs: number): Promise<void> {
  const heard = LIGHTS.map((light) =>
    viewer.hears(reportOf(light), ({ payload, atMs }) => {
      const { boot, aspect } = JSON.parse(payload.toString())
      return atMs > sinceMs && boot !== 'rogue' && aspect === 'flashing-red'
    }),
  )
  await Promise.all(heard)
}

/** Kills both lights for good and starts them again; resolves when they have heard of the trip. */
async function restartLights(rig: Rig): Promise<void> {
  for (const light of LIGHTS) {
    await rig.light(light).kill()
    await rig.startLight(light).logs('trip')
  }
}

/** Waits until both lamps have reported anew that they flash, and checks that no display showed anything else. */
async function onlyFlash(t: Test, rig: Rig, viewer: MqttPerson): Promise<void> {
  const since = nowMs()
  await bothFlash(viewer, since)
  t.notOk(
    rig.traces.frames.some(({ colour, atMs }) => atMs > since && colour !== 'red'),
    'nothing but red since',
  )
}

async function recoversByReset(t: Test, rig: Rig): Promise<void> {
  const since = nowMs()
  const done = reset(rig)
  const ending = await done.ended
  const last = rig.broker.log.slice(-5)
  t.match(ending, { code: 0 }, `${done.stderr}${JSON.stringify(last)}`)
  t.match(done.stdout, /^reset: light2 showed green/)
  await rig.recovers(t, since, 'start')
}

const reset = (rig: Rig, username = 'admin') =>
  rig.start(['reset', 'demo', '--url', rig.url, '--username', username], {
    environment: { MQTT_PASSWORD: PASSWORD },
  })

rigTest(
  t,
  'a light that lies trips the crossing: all flash red, through kill -9 of lamps and of lights, until an admin resets it',
  async (t, rig) => {
    rig.trips = 1
    const viewer = await rig.person('viewer')
    await viewer.subscribe(EVERYTHING)
    const refused = reset(rig)
    t.match(await refused.ended, { code: 1 }, 'there is nothing to reset yet')
    await lieUntilTripped(rig, viewer)
    await bothFlash(viewer, nowMs())
    const said = await viewer.hears('crossings/demo/plan', ({ payload }) => /tripped: /.test(payload.toString()))
    t.match(JSON.parse(said.payload.toString()), { waitingFor: /light2 showed green.*crossing reset/ })
    for (const light of LIGHTS) process.kill((await rig.lamp(light)).pid, 'SIGKILL')
    await Promise.all(LIGHTS.map((light) => rig.light(light).logs('lamp_died')))
    await bothFlash(viewer, nowMs())
    await restartLights(rig)
    await onlyFlash(t, rig, viewer)
    t.match(await reset(rig, 'viewer').ended, { code: 1 })
    await recoversByReset(t, rig)
  },
)

rigTest(
  t,
  'with --data a trip outlives kill -9 of the broker and of all lights at once',
  async (t, rig) => {
    rig.trips = 1
    rig.brokerArgv = ['--data', 'data']
    await rig.startAll()
    const before = await rig.person('viewer')
    await before.subscribe(EVERYTHING)
    await lieUntilTripped(rig, before)
    await rig.broker.kill()
    await Promise.all(LIGHTS.map((light) => rig.light(light).kill()))
    await rig.startBroker()
    const viewer = await rig.person('viewer')
    await viewer.subscribe(EVERYTHING)
    await restartLights(rig)
    await onlyFlash(t, rig, viewer)
    await recoversByReset(t, rig)
  },
  { running: false },
)
