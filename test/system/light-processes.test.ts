/** kill -9 and SIGSTOP of a light's MQTT process, alone or with its lamp, whatever the light shows just then. */
import t from 'tap'
import { LIGHTS } from '../fixtures/crossing-rig.ts'
import { lampsOf, signalIfAlive } from '../fixtures/processes.ts'
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

      await t.test(`SIGSTOP of both at once while ${colour}: nobody else is given green`, async (t) => {
        await rig.comesToShow(light, colour)
        const { pid } = await rig.lamp(light)
        rig.light(light).signal('SIGSTOP')
        process.kill(pid, 'SIGSTOP')
        await faultLasts(STOPPED_MS)
        const since = nowMs()
        rig.light(light).signal('SIGCONT')
        signalIfAlive(pid, 'SIGCONT')
        await rig.recovers(t, since, 'lamp')
      })
    }
  })
}

rigTest(
  t,
  'Ctrl-Z stops the MQTT process alone: the lamp lives in a session of its own',
  async (t, rig) => {
    await rig.reservePort()
    rig.startController()
    rig.startLight('light2')
    const light = await rig.startLightAsJob('light1')
    await rig.startBroker()
    await rig.traces.shows('light1', 'green')
    const [lamp] = lampsOf(light)
    t.ok(lamp !== undefined && lamp.session === lamp.pid, 'the lamp leads a session')
    const stopped = nowMs()
    process.kill(-light, 'SIGTSTP')
    await faultLasts(STOPPED_MS)
    const flashed = rig.traces.frames.filter(({ light: name, atMs }) => name === 'light1' && atMs > stopped + 4000)
    t.ok(flashed.length > 0, 'it flashes while its parent is stopped')
    const since = nowMs()
    process.kill(-light, 'SIGCONT')
    await rig.recovers(t, since, 'lamp')
    if (lamp !== undefined) rig.hasStill(t, light, lamp, stopped)
  },
  { running: false },
)
