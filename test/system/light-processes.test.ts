/** kill -9 and SIGSTOP of a light's MQTT process, whatever the light shows just then. */
import t from 'tap'
import { LIGHTS } from '../fixtures/crossing-rig.ts'
import { rigTest, SIDE_BY_SIDE } from '../fixtures/rig-test.ts'
import { faultLasts, nowMs } from '../fixtures/waiting.ts'

t.jobs = SIDE_BY_SIDE

/** Of a process that is stopped, ms. */
const STOPPED_MS = 5000

const COLOURS = ['green', 'red'] as const

for (const light of LIGHTS) {
  rigTest(t, `the MQTT process of ${light} dies or hangs, and its lamp goes on`, async (t, rig) => {
    for (const colour of COLOURS) {
      await t.test(`kill -9 while ${colour}: the lamp ends what it holds`, async (t) => {
        await rig.comesToShow(light, colour)
        const since = nowMs()
        await rig.light(light).kill()
        rig.startLight(light)
        await rig.recovers(t, since, 'parent')
      })

      await t.test(`SIGSTOP while ${colour}: the lamp is not killed for it`, async (t) => {
        await rig.comesToShow(light, colour)
        const lamp = await rig.lamp(light)
        const stopped = nowMs()
        rig.light(light).signal('SIGSTOP')
        await faultLasts(STOPPED_MS)
        const since = nowMs()
        rig.light(light).signal('SIGCONT')
        await rig.recovers(t, since, 'lamp')
        rig.hasStill(t, rig.light(light).pid, lamp, stopped)
      })
    }
  })
}
