import fc from 'fast-check'
import t from 'tap'
import { failsG1, GATE_RULES, passGate, reachOf } from '../../../../src/clients/controller/gate.ts'
import { type LightView, type Span, UNHEARD } from '../../../../src/clients/controller/light-view.ts'
import { LAMP_RULES } from '../../../../src/clients/light/lamp.ts'
import { lightTime } from '../../../../src/protocol/aspect.ts'
import { DEMO_CROSSING } from '../../../../src/protocol/crossing.ts'
import { SeededRandom } from '../../../../src/simulation/random.ts'
import { knownView, realSettings, sceneAt, T } from '../../../fixtures/controller-scene.ts'
import { followWhims } from '../../../fixtures/gate-whims.ts'

const { constants } = DEMO_CROSSING
const span = { a: T + 600, c: T + 3000 }

/** The verdict on `asked` for light1, where the lights are known like this. */
const verdict = (asked: Span, views?: { light1?: Partial<LightView>; light2?: Partial<LightView> }) =>
  passGate(
    GATE_RULES,
    sceneAt(T, { light1: { ...knownView(), ...views?.light1 }, light2: { ...knownView(), ...views?.light2 } }),
    'light1',
    asked,
  )

const refused = (rule: string, light = 'light1') => ({ kind: 'refused', rule, light })

t.test('a span passes where every light is heard, and its interval says it in the clock of the light', (t) => {
  const bounds = { lo: 500_000, hi: 500_010 }
  const passed = verdict(span, { light1: { bounds } })
  const { rho } = constants
  const red = 500_000 + (1 - rho) * span.c
  t.strictSame(passed, {
    kind: 'pass',
    interval: { from: 500_010 + (1 + rho) * span.a, until: red - constants.amberMs, red },
  })
  t.end()
})

t.test('G1: one light that is stale, not adopted, or has not echoed since the last adoption stops all', (t) => {
  t.strictSame(verdict(span, { light2: { echoedSentAt: T - 1001 } }), refused('G1', 'light2'))
  t.strictSame(verdict(span, { light2: { adoptedAt: null } }), refused('G1', 'light2'))
  t.strictSame(verdict(span, { light1: { echoedSentAt: T - 6000 } }), refused('G1'))
  const scene = { ...sceneAt(T), lastAdopted: T - 50 }
  t.equal(failsG1(GATE_RULES, scene), 'light1', 'its echo is of a command sent before')
  t.equal(failsG1(GATE_RULES, sceneAt(T)), null)
  t.end()
})

t.test('G1: a light of no such crossing is never granted anything', (t) => {
  t.strictSame(passGate(GATE_RULES, sceneAt(T), 'light9', span), refused('G1', 'light9'))
  t.end()
})

t.test('G2: not before all-red after the last adoption, not beyond what a lamp takes', (t) => {
  const scene = { ...sceneAt(T), lastAdopted: T - 100 }
  const atOnce = { a: T + 399, c: T + 3000 }
  t.strictSame(passGate(GATE_RULES, scene, 'light1', atOnce), refused('G2'))
  t.equal(passGate(GATE_RULES, scene, 'light1', { ...atOnce, a: T + 400 }).kind, 'pass')
  t.strictSame(verdict({ ...span, c: reachOf(sceneAt(T)) + 1 }), refused('G2'))
  t.equal(verdict({ ...span, c: reachOf(sceneAt(T)) }).kind, 'pass')
  t.end()
})

t.test('G3: all-red lies between conflicting spans, whichever is first', (t) => {
  const after = { light2: { span: { a: T - 2000, c: T + 101 } } }
  t.strictSame(verdict(span, after), refused('G3', 'light2'))
  t.equal(verdict(span, { light2: { span: { a: T - 2000, c: T + 100 } } }).kind, 'pass')
  t.strictSame(verdict(span, { light2: { span: { a: T + 3499, c: T + 3900 } } }), refused('G3', 'light2'))
  t.equal(verdict(span, { light2: { span: { a: T + 3500, c: T + 3900 } } }).kind, 'pass')
  t.end()
})

t.test('G4: a new span lies in the future, and its light has been red for all-red', (t) => {
  t.strictSame(verdict({ a: T - 1, c: T + 3000 }), refused('G4'))
  t.strictSame(verdict(span, { light1: { span: { a: T - 5000, c: T - 499 } } }), refused('G4'))
  t.equal(verdict(span, { light1: { span: { a: T - 5000, c: T - 500 } } }).kind, 'pass')
  t.end()
})

t.test('G4: the end of a span never falls, and rises only until a heartbeat before its amber', (t) => {
  const last = { a: T - 1000, c: T + 1200 }
  t.strictSame(verdict({ ...last, c: T + 1199 }, { light1: { span: last } }), refused('G4'))
  t.equal(verdict({ ...last, c: T + 1500 }, { light1: { span: last } }).kind, 'pass')
  const ending = { a: T - 1000, c: T + 1199 }
  t.strictSame(verdict({ ...ending, c: T + 1500 }, { light1: { span: ending } }), refused('G4'))
  t.equal(verdict(ending, { light1: { span: ending } }).kind, 'pass', 'the same again')
  t.end()
})

t.test('G5: an interval without a green in it is refused, red-amber not counted', (t) => {
  t.strictSame(verdict({ a: T + 600, c: T + 1600 }), refused('G5'), 'nothing but amber')
  t.strictSame(verdict(span, { light1: { bounds: UNHEARD.bounds } }), refused('G5'), 'a clock not known')
  t.strictSame(verdict(span, { light1: { bounds: { lo: 0, hi: 2000 } } }), refused('G5'), 'a clock hardly known')
  const { G5Order } = GATE_RULES
  const interval = { from: lightTime(0), until: lightTime(1000), red: lightTime(2000) }
  t.equal(G5Order(interval, 1000), false)
  t.equal(G5Order(interval, 999), true)
  t.end()
})

t.test('no whim of a plan makes conflicting spans meet', (t) => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (seed) => {
      return followWhims(DEMO_CROSSING, realSettings().rules, new SeededRandom(seed), 60_000) === null
    }),
  )
  t.end()
})

t.test('the gate never sends what a lamp would refuse for its form', (t) => {
  const { rho, horizonMs } = constants
  const cases = fc.record({
    a: fc.double({ min: -1000, max: 5000, noNaN: true }),
    lengthMs: fc.double({ min: 0, max: 6000, noNaN: true }),
    lo: fc.double({ min: 0, max: 1e6, noNaN: true }),
    widthMs: fc.double({ min: 0, max: 3000, noNaN: true }),
    /** Where between its bounds the clock really is. */
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  fc.assert(
    fc.property(cases, ({ a, lengthMs, lo, widthMs, share }) => {
      const bounds = { lo: lo + rho * T, hi: lo + widthMs - rho * T }
      const asked = verdict({ a: T + a, c: T + a + lengthMs }, { light1: { bounds } })
      if (asked.kind === 'refused') return true
      const earliest = bounds.lo + (1 - rho) * T
      const latest = bounds.hi + (1 + rho) * T
      const now = lightTime(earliest + share * (latest - earliest) + 1e-6)
      return LAMP_RULES.L3(asked.interval, now, horizonMs)
    }),
  )
  t.end()
})
