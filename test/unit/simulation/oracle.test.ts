/** The oracle can fail: for each thing that it looks at, displays that are right, and displays that are wrong. */
import t from 'tap'
import type { Span } from '../../../src/clients/controller/light-view.ts'
import { type Aspect, type Interval, lightTime } from '../../../src/protocol/aspect.ts'
import { type Crossing, DEMO_CROSSING } from '../../../src/protocol/crossing.ts'
import { type Judgement, Oracle, type Painter, type Sign } from '../../../src/simulation/oracle.ts'
import { SimulatedClock } from '../../../src/simulation/simulated-clock.ts'
import { Timeline } from '../../../src/simulation/timeline.ts'

const ALL: Judgement = { spans: true, conflicts: true, allRed: true, trips: true }
const UK: Crossing = { ...DEMO_CROSSING, constants: { ...DEMO_CROSSING.constants, redAmberMs: 500 } }

/** From `from` on: green until 3000 after it, amber until 4000 after it. */
const interval = (from: number): Interval => ({
  from: lightTime(from),
  until: lightTime(from + 3000),
  red: lightTime(from + 4000),
})
const HELD = interval(1000)

/** An oracle of two lights that conflict, whose clocks tell real time, and of one controller with such a clock. */
function scene(crossing = DEMO_CROSSING, judgement = ALL) {
  const timeline = new Timeline()
  const clock = (): SimulatedClock => new SimulatedClock(timeline, { startMs: 0, rate: 1, wallAheadMs: 0 })
  const oracle = new Oracle({ crossing, clocks: [clock(), clock()], nowMs: () => timeline.nowMs, judgement })
  const own = clock()
  const sign = (index: 0 | 1): Sign => {
    const found = oracle.signs[index]
    if (found === undefined) throw new RangeError('two lights')
    return found
  }
  const grant = (index: 0 | 1, held: Interval, span: Span = { a: held.from, c: held.red }): void =>
    oracle.granted(sign(index).name, held, { by: 'controller', span, clock: own })
  const paint = (
    atMs: number,
    aspect: Aspect,
    held: Interval | null = HELD,
    index: 0 | 1 = 0,
    by: Painter = 'lamp',
  ) => {
    timeline.nowMs = atMs
    if (held !== null && atMs < held.red) sign(index).takenAtMs = atMs
    oracle.paint(sign(index), aspect, by, held)
  }
  grant(0, HELD)
  return { timeline, oracle, sign, grant, paint, check: () => oracle.violation?.check ?? null }
}

t.test('a whole green with its amber, on time, is right', async (t) => {
  const { paint, check, oracle } = scene()
  for (const [at, aspect] of [
    [1010, 'green'],
    [4005, 'amber'],
    [5003, 'red'],
    [9000, 'flashing-red'],
  ] as const)
    paint(at, aspect)
  oracle.finish()
  t.equal(check(), null)
})

t.test('conflict: two that conflict are non-red, of whatever aspect', async (t) => {
  const { paint, grant, check } = scene()
  grant(1, interval(1500))
  paint(1000, 'green')
  paint(1500, 'green', interval(1500), 1)
  t.equal(check(), 'conflict')
})

t.test('conflict: nothing is judged of a display that is frozen, until its lamp looks at its clocks', async (t) => {
  const { paint, grant, check, oracle, sign } = scene()
  grant(1, interval(6000))
  paint(1000, 'green')
  oracle.excuse(sign(0))
  paint(6000, 'green', interval(6000), 1)
  t.equal(check(), null)
  oracle.excuseNoMore(sign(0))
  t.equal(check(), 'conflict')
})

for (const [what, ...aspects] of [
  ['green to red', 'green', 'red'],
  ['green to flashing red', 'green', 'flashing-red'],
  ['amber to green', 'green', 'amber', 'green'],
  ['red-amber to red', 'red-amber', 'red'],
  ['red to amber', 'amber'],
  ['green to red-amber', 'green', 'red-amber'],
  ['red-amber to amber', 'red-amber', 'amber'],
] as const) {
  t.test(`sequence: ${what}`, async (t) => {
    const { paint, check } = scene(UK)
    // At a time at which the interval says so already, and not for long.
    const atMs = aspects.some((aspect) => aspect === 'red' || aspect === 'flashing-red') ? HELD.red : HELD.until
    for (const [index, aspect] of aspects.entries()) paint(atMs + index, aspect, HELD)
    t.equal(check(), 'sequence')
  })
}

t.test('sequence: not where the dead-man paints, nor where a lamp began anew', async (t) => {
  for (const painter of ['dead-man', 'new-boot'] as const) {
    const { paint, check } = scene()
    paint(1000, 'green')
    paint(2000, 'red', null, 0, painter)
    t.equal(check(), null, painter)
  }
})

t.test('early: before its span, by no span, and before its interval says so', async (t) => {
  const early = scene()
  early.grant(0, HELD, { a: 1100, c: 5000 })
  early.paint(1050, 'green')
  t.equal(early.check(), 'early', 'before its span')
  const none = scene()
  none.paint(1050, 'green', interval(1001))
  t.equal(none.check(), 'early', 'by no span')
  for (const [at, is, was] of [
    [900, 'red-amber', null],
    [1400, 'green', null],
    [3900, 'amber', 'green'],
    [4900, 'red', 'amber'],
  ] as const) {
    const one = scene(UK)
    one.grant(0, HELD, { a: 0, c: 5000 })
    one.paint(1500, 'green')
    if (was === null) one.sign(0).aspect = 'red'
    if (was === 'amber') one.paint(4000, 'amber')
    t.equal(one.check(), null)
    one.paint(at, is)
    t.equal(one.check(), 'early', `${is} at ${at}`)
  }
})

t.test('late: green or non-red for more than lateMs too long, and still non-red at the end', async (t) => {
  const green = scene()
  green.paint(1000, 'green')
  green.paint(4201, 'amber')
  t.equal(green.check(), 'late')
  const amber = scene()
  amber.paint(1000, 'green')
  amber.paint(4000, 'amber')
  amber.paint(5201, 'red')
  t.equal(amber.check(), 'late')
  const never = scene()
  never.paint(1000, 'green')
  never.timeline.nowMs = 5199
  never.oracle.finish()
  t.equal(never.check(), null)
  never.timeline.nowMs = 5201
  never.oracle.finish()
  t.equal(never.check(), 'late')
})

t.test('bounds: an interval whose red lies after the end of its span', async (t) => {
  const { paint, grant, check } = scene()
  grant(0, HELD, { a: 1000, c: 4990 })
  paint(1000, 'green')
  paint(4000, 'amber')
  t.equal(check(), null)
  paint(5000, 'red')
  t.equal(check(), 'bounds')
})

t.test('all-red: less of it than the file gives, counted from when the first should have ended', async (t) => {
  for (const [from, found] of [
    [5500, null],
    [5490, 'all-red'],
  ] as const) {
    const { paint, grant, check } = scene()
    grant(1, interval(from))
    paint(1000, 'green')
    paint(4000, 'amber')
    paint(5150, 'red')
    paint(from, 'green', interval(from), 1)
    t.equal(check(), found)
  }
})

t.test('amber: shorter than the file gives and lateness allows', async (t) => {
  const short = { ...HELD, until: lightTime(4500) }
  const { paint, grant, check } = scene()
  grant(0, short)
  paint(1000, 'green', short)
  paint(4500, 'amber', short)
  paint(5000, 'red', short)
  t.equal(check(), 'amber')
})

t.test('horizon: non-red for longer than one command may give', async (t) => {
  const { paint, check, oracle, sign } = scene(DEMO_CROSSING, {
    spans: false,
    conflicts: false,
    allRed: false,
    trips: true,
  })
  const { horizonMs, lateMs } = DEMO_CROSSING.constants
  paint(1000, 'green')
  sign(0).takenAtMs = 1000
  paint(1000 + horizonMs, 'amber', null)
  oracle.judgeHorizon(sign(0))
  t.equal(check(), null)
  sign(0).takenAtMs = 1000
  paint(1000 + horizonMs + lateMs + 1, 'red', null)
  t.equal(check(), 'horizon')
})

t.test('what is not to be judged is not', async (t) => {
  const { paint, grant, check } = scene(DEMO_CROSSING, { spans: false, conflicts: false, allRed: false, trips: true })
  grant(1, interval(1000))
  paint(1000, 'green', interval(1000))
  paint(1000, 'green', interval(1000), 1)
  paint(4300, 'amber', interval(1000))
  t.equal(check(), null)
})

t.test('the first thing that is wrong is the one that is told', async (t) => {
  const { oracle, timeline } = scene()
  timeline.nowMs = 7
  oracle.report('drift', 'one')
  oracle.report('told', 'other')
  t.strictSame(oracle.violation, { check: 'drift', atMs: 7, text: 'one' })
})
