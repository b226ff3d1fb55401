/** The first seconds of `crossing demo`, and its end. */
import t from 'tap'
import { LIGHTS } from '../fixtures/crossing-rig.ts'
import { demoTest } from '../fixtures/demo-rig.ts'
import { wrongSteps } from '../fixtures/trace-judge.ts'
import { nowMs } from '../fixtures/waiting.ts'

/** First red and first green after the start of the program, ms; and how much slower a busy machine may be. */
const FIRST_RED_MS = 1500
const FIRST_GREEN_MS = 4000
const BUSY = 4

demoTest(t, 'it prints a line per change, and ends with exit code 0 on SIGINT, leaving nothing', async (t, rig) => {
  const since = nowMs()
  const demo = rig.start()
  await demo.prints(/^light[12] red$/m)
  const redMs = Math.round(nowMs() - since)
  await demo.prints(/^light1 green$/m)
  const greenMs = Math.round(nowMs() - since)
  t.ok(redMs < FIRST_RED_MS * BUSY, `first red after ${redMs} ms (idle: ${FIRST_RED_MS})`)
  t.ok(greenMs < FIRST_GREEN_MS * BUSY, `first green after ${greenMs} ms (idle: ${FIRST_GREEN_MS})`)
  await demo.prints(/^light1 green\nlight1 amber\nlight1 red\nlight2 green$/m)
  t.match(demo.stdout, /^(light[12] (red|green|amber|flashing-red)\n)+$/, 'data alone on stdout')
  t.equal(rig.processes().length, 6, 'broker, two lights with their lamps, controller')
  demo.signal('SIGINT')
  t.same(await demo.ended, { code: 0, signal: null })
  t.same(wrongSteps(rig.traces.frames), [], 'the last green ended with its amber')
  for (const light of LIGHTS) t.equal(rig.traces.colourOf(light), 'red')
  rig.leavesNothing(t)
})
