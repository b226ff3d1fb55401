/** The network between a crossing's machines fails, or its broker does. */
import t, { type Test } from 'tap'
import { LIGHTS, type LightName, type Rig } from '../fixtures/crossing-rig.ts'
import { PASSWORD } from '../fixtures/crossing-users.ts'
import { FaultyProxy } from '../fixtures/faulty-proxy.ts'
import { rigTest, SIDE_BY_SIDE } from '../fixtures/rig-test.ts'
import { faultLasts, nowMs } from '../fixtures/waiting.ts'

t.jobs = SIDE_BY_SIDE

/** First, since it takes longest: the others run meanwhile. */
rigTest(t, 'kill -9 of the broker, and a restart', async (t, rig) => {
  for (const outageMs of [30_000, 3000]) {
    await t.test(`after ${outageMs / 1000} s`, async (t) => {
      await rig.broker.kill()
      await faultLasts(outageMs)
      const since = nowMs()
      await rig.startBroker()
      await rig.recovers(t, since, 'broker')
    })
  }
})

/** Checks that the plan waited for the light that cannot be heard. */
function nobodyWasGreen(t: Test, rig: Rig, sinceMs: number): void {
  const greens = rig.traces.frames.filter(({ atMs, colour }) => atMs >= sinceMs && colour === 'green')
  t.same(greens, [], 'nobody is given green meanwhile')
}

rigTest(
  t,
  'a light has a bad line to its broker',
  async (t, rig) => {
    await rig.startBroker()
    await using line = await FaultyProxy.open(rig.address)
    rig.startLight('light1', { url: line.url })
    rig.startLight('light2')
    rig.startController()
    await rig.traces.shows('light1', 'green')

    await t.test('that is cut', async (t) => {
      const since = nowMs()
      line.cut()
      await rig.light('light1').logs('not_connected')
      await rig.recovers(t, since, 'lamp')
    })

    await t.test('that stalls for 8 s, then delivers all that was held', async (t) => {
      line.stall()
      await faultLasts(8000)
      nobodyWasGreen(t, rig, nowMs() - 4000)
      const since = nowMs()
      line.resume()
      await rig.recovers(t, since, 'lamp')
    })

    await t.test('that takes 2 s each way for a while', async (t) => {
      line.delay(2000)
      await faultLasts(8000)
      nobodyWasGreen(t, rig, nowMs() - 4000)
      const since = nowMs()
      line.delay(0)
      await rig.recovers(t, since, 'lamp')
    })
  },
  { running: false },
)

for (const order of [LIGHTS, LIGHTS.toReversed()] as readonly (readonly LightName[])[]) {
  rigTest(
    t,
    `${order.join(', then ')}, and only then the broker: red until it is there, and why`,
    async (t, rig) => {
      await rig.reservePort()
      for (const light of order) {
        rig.startLight(light)
        await rig.traces.shows(light, 'red')
        const { kind } = await rig.light(light).logs('not_connected')
        t.equal(kind, 'unreachable')
      }
      rig.startController()
      const since = nowMs()
      await rig.startBroker()
      await rig.recovers(t, since, 'start')
    },
    { running: false },
  )
}

rigTest(
  t,
  'a light with a wrong password says so and stays red; once its file is corrected it joins within 10 s',
  async (t, rig) => {
    await rig.startBroker()
    const file = rig.writeFile('light1.password', 'wrong\n')
    rig.startLight('light1', { argv: ['--password-file', file] })
    rig.startLight('light2')
    rig.startController()
    const { kind, reason } = await rig.light('light1').logs('not_connected')
    t.equal(kind, 'wrong-password')
    t.match(reason, /light1/)
    await rig.traces.shows('light2', 'red')
    const corrected = nowMs()
    rig.writeFile('light1.password', `${PASSWORD}\n`)
    await rig.light('light1').logs('connected')
    rig.isWithin(t, 'connected', { tookMs: nowMs() - corrected, boundMs: 10_000, sinceMs: corrected })
    await rig.recovers(t, nowMs(), 'start')
  },
  { running: false },
)
