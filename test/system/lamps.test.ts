/** kill -9 and SIGSTOP of a lamp, whatever the light shows just then. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import t from 'tap'
import { LATE_MS } from '../fixtures/crossing-bounds.ts'
import { LIGHTS } from '../fixtures/crossing-rig.ts'
import { needs } from '../fixtures/needs.ts'
import { rigTest, SIDE_BY_SIDE } from '../fixtures/rig-test.ts'
import { nowMs } from '../fixtures/waiting.ts'

t.jobs = SIDE_BY_SIDE

/** Of the threads of a process: what differs among them. */
const nicenessOf = (pid: number): readonly number[] => [
  ...new Set(readdirSync(`/proc/${pid}/task`).map((thread) => getPriority(Number(thread)))),
]

for (const light of LIGHTS) {
  rigTest(t, `the lamp of ${light} dies or hangs: red within lateMs, then a new lamp`, async (t, rig) => {
    await t.test('on a busy machine it comes first, and then who watches over it', async (t) => {
      if (!needs(t, 'leave to come first')) return
      const { pid } = await rig.lamp(light)
      t.same(nicenessOf(pid), [-14])
      const group = `/proc/${pid}/autogroup`
      // Where the kernel has such groups, niceness counts only within one.
      if (existsSync(group)) t.match(readFileSync(group, 'utf8'), / nice -14$/m)
      t.same(nicenessOf(rig.light(light).pid), [-7])
    })
    for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
      for (const colour of ['green', 'red'] as const) {
        await t.test(`${signal} while ${colour}`, async (t) => {
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
    }
  })
}
