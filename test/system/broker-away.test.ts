/** The broker of a crossing goes away, comes late, or does not let a light in. */
import t from 'tap'
import { LIGHTS, type LightName } from '../fixtures/crossing-rig.ts'
import { PASSWORD } from '../fixtures/crossing-users.ts'
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
