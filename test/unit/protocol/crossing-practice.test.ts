import t from 'tap'
import { DEMO_CROSSING, parseCrossing } from '../../../src/protocol/crossing.ts'
import { practiceWarnings } from '../../../src/protocol/crossing-practice.ts'

interface Times {
  readonly amberSeconds: number
  readonly redAmberSeconds: number
  readonly allRedSeconds: number
}

const warnings = (times: Times, constants: unknown = 'default'): string[] =>
  practiceWarnings(parseCrossing({ ...DEMO_CROSSING.file, ...times, constants }, 'x'))

const times = (amberSeconds: number, redAmberSeconds: number, allRedSeconds: number): Times => ({
  amberSeconds,
  redAmberSeconds,
  allRedSeconds,
})

t.test('times of the US, the UK and Germany give no warning', async (t) => {
  for (const usual of [
    times(3, 0, 1.1),
    times(6, 0, 6),
    times(4, 0, 1.5),
    times(3, 2, 2),
    times(3, 1, 2),
    times(3, 2, 20),
  ]) {
    t.same(warnings(usual), [], { usual })
  }
})

t.test('without red and amber, yellow outside 3 to 6 s and red clearance over 6 s give a warning each', async (t) => {
  t.match(warnings(times(2.9, 0, 2)), [/^amberSeconds is 2.9: MUTCD .*3 to 6 s/])
  t.match(warnings(times(6.1, 0, 2)), [/^amberSeconds is 6.1: MUTCD/])
  t.match(warnings(times(3, 0, 6.1)), [/^allRedSeconds is 6.1: MUTCD .*up to 6 s/])
  t.equal(warnings(times(2, 0, 7)).length, 2)
})

t.test('with red and amber, times that neither the UK nor Germany uses give a warning each', async (t) => {
  t.match(warnings(times(3, 1.5, 2)), [/^redAmberSeconds is 1.5: the UK .*2 s, Germany .*1 s/])
  t.match(warnings(times(4, 2, 2)), [/^amberSeconds is 4: the UK .*3 s/])
  t.equal(warnings(times(2, 3, 7)).length, 2)
})

t.test('constants of the demo give a warning', async (t) => {
  t.same(warnings(times(3, 0, 2), { heartbeatMs: 400 }), [])
  t.match(practiceWarnings(DEMO_CROSSING), [/^amberSeconds is 1/, /^constants is "demo"/])
})
