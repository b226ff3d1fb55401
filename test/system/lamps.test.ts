/** kill -9 and SIGSTOP of a lamp, whatever the light shows just then. */
import t from 'tap'
import { LATE_MS } from '../fixtures/crossing-bounds.ts'
import { LIGHTS } from '../fixtures/crossing-rig.ts'
import { rigTest, SIDE_BY_SIDE } from '../fixtures/rig-test.ts'
import { nowMs } from '../fixtures/waiting.ts'

t.jobs = SIDE_BY_SIDE

for (const light of LIGHTS) {
  for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
    rigTest(t, `${signal} of the lamp of ${light}: red within lateMs, then a new lamp`, async (t, rig) => {
      for (const colour of ['green', 'red'] as const) {
        await t.test(`while ${colour}`, async (t) => {
          await rig.comesToShow(light, colour)
          const { pid } = await rig.lamp(light)
          const since = nowMs()
          process.kill(pid, signal)
          const red = await rig.traces.until(`red of ${light}`, () =>
            rig.traces.frames.find((frame) => frame.light === light && frame.atMs >= since && frame.colour === 'red'),
          )
          rig.isWithin(t, 'red', { tookMs: red.atMs - since, boundMs: LATE_MS, sinceMs: since })
          await rig.recovers(t, since, 'lamp')
          t.not((await rig.lamp(light)).pid, pid)
        })
      }
    })
  }
}
