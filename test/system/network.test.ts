/** The network between a crossing's machines fails, or its broker does. */
import t, { type Test } from 'tap'
import { LIGHTS, type LightName, type Rig } from '../fixtures/crossing-rig.ts'
import { PASSWORD } from '../fixtures/crossing-users.ts'
import { FaultyProxy } from '../fixtures/faulty-proxy.ts'
import { rigTest, SIDE_BY_SIDE } from '../fixtures/rig-test.ts'
import { faultLasts, nowMs } from '../fixtures/waiting.ts'

t.jobs = SIDE_BY_SIDE

/** First, since it takes longest: the others run meanwhile. */
for (const outageMs of [30_000, 3000]) {
  rigTest(t, `kill -9 of the broker and a restart after ${outageMs / 1000} s`, async (t, rig) => {
    await rig.broker.kill()
    await faultLasts(outageMs)
    const since = nowMs()
    await rig.startBroker()
    await rig.recovers(t, since, 'broker')
  })
}

/** A crossing whose light1 has a bad line to its broker. */
async function withBadLine(rig: Rig): Promise<FaultyProxy> {
  await rig.startBroker()
  const proxy = await FaultyProxy.open(rig.address)
  rig.startLight('light1', { url: proxy.url })
  rig.startLight('light2')
  rig.startController()
  await rig.traces.shows('light1', 'green')
  return proxy
}

/** Checks that the plan waited for the light that cannot be heard. */
function nobodyWasGreen(t: Test, rig: Rig, sinceMs: number): void {
  const greens = rig.traces.frames.filter(({ atMs, colour }) => atMs >= sinceMs && colour === 'green')
  t.same(greens, [], 'nobody is given green meanwhile')
}

const badLineTest = (name: string, run: (t: Test, rig: Rig, proxy: FaultyProxy) => Promise<void>): void =>
  rigTest(
    t,
    name,
    async (t, rig) => {
      await using proxy = await withBadLine(rig)
      await run(t, rig, proxy)
    },
    { running: false },
  )

badLineTest("a light's connection is cut", async (t, rig, proxy) => {
  const since = nowMs()
  proxy.cut()
  await rig.light('light1').logs('not_connected')
  await rig.recovers(t, since, 'lamp')
})

badLineTest("a light's connection stalls for 8 s, then delivers all that was held", async (t, rig, proxy) => {
  proxy.stall()
  await faultLasts(8000)
  nobodyWasGreen(t, rig, nowMs() - 4000)
  const since = nowMs()
  proxy.resume()
  await rig.recovers(t, since, 'lamp')
})

badLineTest("a light's connection takes 2 s each way for a while", async (t, rig, proxy) => {
  proxy.delay(2000)
  await faultLasts(8000)
  nobodyWasGreen(t, rig, nowMs() - 4000)
  const since = nowMs()
  proxy.delay(0)
  await rig.recovers(t, since, 'lamp')
})

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
