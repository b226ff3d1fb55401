import fc from 'fast-check'
import t from 'tap'
import { reachOf } from '../../../../src/clients/controller/gate.ts'
import {
  changesAt,
  following,
  grantsAt,
  greenEndsAt,
  plannedEnd,
  postponed,
  proposeNext,
  type RunningPlan,
  renewed,
  type Slot,
  stageName,
  startPlan,
} from '../../../../src/clients/controller/plan.ts'
import { CONTROLLER_RULES } from '../../../../src/clients/controller/rules.ts'
import { type Crossing, DEMO_CROSSING, parseCrossing } from '../../../../src/protocol/crossing.ts'
import { SeededRandom } from '../../../../src/simulation/random.ts'
import { randomCrossing } from '../../../../src/simulation/random-crossing.ts'
import { knownView, sceneAt, T } from '../../../fixtures/controller-scene.ts'

const { gate } = CONTROLLER_RULES
const { amberMs, allRedMs, aheadMs, startRedMs, heartbeatMs, staleMs } = DEMO_CROSSING.constants
const GREEN_MS = 1500

/** Stages of the demo's times. */
const crossingOf = (stages: readonly (readonly string[])[], redAmberSeconds = 0): Crossing =>
  parseCrossing(
    {
      ...DEMO_CROSSING.file,
      lights: ['a', 'b', 'c'],
      stages: stages.map((green, index) => ({ name: `stage ${index}`, green, seconds: 1.5 })),
      compatible: [
        ['a', 'b'],
        ['a', 'c'],
      ],
      redAmberSeconds,
    },
    'a test',
  )

const running = (next: Slot, current: Slot | null = null, aims: RunningPlan['aims'] = new Map()): RunningPlan => ({
  kind: 'running',
  current,
  next,
  aims,
})

t.test('a stage is red-amber and green, then amber, then all is red, then the next begins', async (t) => {
  const crossing = crossingOf([['a'], ['b'], ['c']], 0.3)
  const slot = { stage: 0, startsAt: 1000 }
  t.equal(greenEndsAt(crossing, slot), 1000 + 300 + GREEN_MS)
  t.equal(plannedEnd(crossing, 'a', slot), 1000 + 300 + GREEN_MS + amberMs)
  t.strictSame(following(crossing, slot), { stage: 1, startsAt: 1000 + 300 + GREEN_MS + amberMs + allRedMs })
  t.equal(following(crossing, { stage: 2, startsAt: 0 }).stage, 0, 'and around')
  t.equal(stageName(crossing, { stage: 1, startsAt: 0 }), 'stage 1')
})

t.test('a light that is in the next stages too stays green until the last of them ends', async (t) => {
  const crossing = crossingOf([['a', 'b'], ['a', 'c'], ['a'], ['b']])
  const slot = { stage: 0, startsAt: 0 }
  const third = following(crossing, following(crossing, slot))
  t.equal(plannedEnd(crossing, 'a', slot), greenEndsAt(crossing, third) + amberMs)
  t.equal(plannedEnd(crossing, 'b', slot), greenEndsAt(crossing, slot) + amberMs)
})

t.test('a light that is in every stage is red once a cycle, for long enough to be granted again', async (t) => {
  const crossing = crossingOf([
    ['a', 'b'],
    ['a', 'c'],
  ])
  const last = { stage: 1, startsAt: 0 }
  t.equal(plannedEnd(crossing, 'a', last), greenEndsAt(crossing, last) + amberMs)
  t.equal(following(crossing, last).startsAt, plannedEnd(crossing, 'a', last) + allRedMs + aheadMs)
})

t.test('P2: it starts after startRedMs, after all-red since the last adoption, and after the last spans', async (t) => {
  const startAt = (last: number, span: { a: number; c: number } | null = null): number =>
    startPlan(DEMO_CROSSING, {
      ...sceneAt(T, { light1: knownView(span), light2: knownView() }),
      lastAdopted: last,
    }).next.startsAt
  t.equal(startAt(T - 5000), T + startRedMs)
  t.equal(startAt(T + 100), T + 100 + allRedMs)
  t.equal(startAt(T - 5000, { a: T - 3000, c: T }), T + allRedMs + aheadMs, 'a light of the first stage, just red')
})

t.test('P3: the first stage is granted aheadMs before it begins', async (t) => {
  t.equal(grantsAt(DEMO_CROSSING, running({ stage: 0, startsAt: T })), T - aheadMs)
})

t.test('P3: others once the lights before have proved to live, but a heartbeat before they begin', async (t) => {
  const current = { stage: 0, startsAt: T }
  const next = following(DEMO_CROSSING, current)
  const grantAt = (crossing: Crossing): number => grantsAt(crossing, running(next, current))
  t.equal(grantAt(DEMO_CROSSING), greenEndsAt(DEMO_CROSSING, current) + staleMs)
  const withConstants = (constants: Partial<Crossing['constants']>): Crossing => ({
    ...DEMO_CROSSING,
    constants: { ...DEMO_CROSSING.constants, ...constants },
  })
  t.equal(grantAt(withConstants({ staleMs: 3200 })), next.startsAt - heartbeatMs, 'where that would be too late')
  t.equal(grantAt(withConstants({ staleMs: 300 })), next.startsAt - aheadMs, 'and not before it is due')
  t.equal(grantAt(withConstants({ heartbeatMs: 700 })), next.startsAt - aheadMs, 'nor after that')
})

t.test('the next stage asks for a span for each of its lights, as far as a lamp takes it', async (t) => {
  const scene = sceneAt(T)
  const next = { stage: 0, startsAt: T + aheadMs }
  const { spans, granted } = proposeNext(DEMO_CROSSING, gate, running(next), scene)
  const c = next.startsAt + GREEN_MS + amberMs
  t.strictSame([...spans], [['light1', { a: next.startsAt, c }]])
  t.strictSame(granted.current, next)
  t.strictSame(granted.next, following(DEMO_CROSSING, next))
  t.strictSame([...granted.aims], [['light1', { a: next.startsAt, c }]])
  const far = { ...scene, constants: { ...scene.constants, horizonMs: 2000 } }
  const short = proposeNext(DEMO_CROSSING, gate, running(next), far)
  t.equal(short.spans.get('light1')?.c, reachOf(far), 'the rest comes with the heartbeats')
  t.equal(short.granted.aims.get('light1')?.c, c)
})

t.test('a light that is green already is extended, not granted anew', async (t) => {
  const crossing = crossingOf([['a', 'b'], ['a', 'c'], ['b']])
  const span = { a: T - 1000, c: T + 2500 }
  const next = { stage: 1, startsAt: T + 400 }
  const views = new Map([
    ['a', knownView(span)],
    ['b', knownView()],
    ['c', knownView()],
  ])
  const scene = { ...sceneAt(T), views, constants: crossing.constants, conflicting: crossing.conflicting }
  const plan = running(next, { stage: 0, startsAt: T - 1000 }, new Map([['a', span]]))
  const { spans, granted } = proposeNext(crossing, gate, plan, scene)
  t.strictSame([...spans.keys()], ['c'])
  t.strictSame(granted.aims.get('a'), { a: span.a, c: plannedEnd(crossing, 'a', next) })
  const tooLate = { ...scene, t: span.c - amberMs }
  t.strictSame([...proposeNext(crossing, gate, plan, tooLate).spans.keys()], ['a', 'c'], 'unless its amber is due')
})

t.test('a heartbeat extends a span towards its aim, and leaves every other as it is', async (t) => {
  const span = { a: T - 1000, c: T + 2000 }
  const aim = { a: span.a, c: T + 60_000 }
  const aims = new Map([['light1', aim]])
  const plan = running({ stage: 1, startsAt: T + 61_000 }, { stage: 0, startsAt: span.a }, aims)
  const scene = sceneAt(T)
  t.strictSame(renewed(gate, plan, scene, 'light1', span), { a: span.a, c: reachOf(scene) })
  t.equal(renewed(gate, plan, { ...scene, t: span.c - amberMs }, 'light1', span), span, 'too late')
  t.equal(renewed(gate, plan, scene, 'light2', span), span, 'no aim')
  t.equal(renewed(gate, { kind: 'held' }, scene, 'light1', span), span, 'held')
  const earlier = { a: span.a - 1, c: span.c }
  t.equal(renewed(gate, plan, scene, 'light1', earlier), earlier, 'of another stage')
  const nearer = running(plan.next, plan.current, new Map([['light1', { a: span.a, c: span.c - 500 }]]))
  t.equal(renewed(gate, nearer, scene, 'light1', span), span, 'never shortened')
})

t.test('P4: a stage whose start has passed is put off to where it can be granted', async (t) => {
  const plan = running({ stage: 1, startsAt: T - 1 })
  t.strictSame(postponed(DEMO_CROSSING, plan, T).next, { stage: 1, startsAt: T + aheadMs })
})

t.test('people are told when the colour of a light changes next', async (t) => {
  const span = { a: T, c: T + GREEN_MS + amberMs }
  const current = { stage: 0, startsAt: T }
  const plan = running(following(DEMO_CROSSING, current), current, new Map([['light1', span]]))
  const tell = (light: string, at: number, own: typeof span | null = null): number | null =>
    changesAt(DEMO_CROSSING, plan, light, own, at)
  t.equal(tell('light1', T + 1, span), T + GREEN_MS, 'amber')
  t.equal(tell('light1', T + GREEN_MS, span), span.c, 'red')
  t.equal(tell('light2', T + 1), plan.next.startsAt, 'green')
  t.equal(tell('light1', span.c, span), following(DEMO_CROSSING, plan.next).startsAt, 'green again')
  t.equal(tell('light1', T - 1), T, 'granted, not begun')
  const stopped = { kind: 'stopped', why: '' } as const
  t.equal(changesAt(DEMO_CROSSING, stopped, 'light1', null, T), null, 'a plan that is stopped knows nothing')
  t.equal(changesAt(DEMO_CROSSING, stopped, 'light1', span, T + 1), T + GREEN_MS, 'but what it granted')
})

/** Any crossing, and three turns of its plan. */
const turns = fc.integer({ min: 0, max: 2 ** 32 - 1 }).map((seed) => {
  const wishes = { greenSeconds: [1, 30] as const, constants: [['own', 1] as const, ['demo', 1] as const] }
  const crossing = randomCrossing(new SeededRandom(seed), wishes)
  const slots: Slot[] = [{ stage: 0, startsAt: 0 }]
  for (let i = 1; i < 3 * crossing.stages.length; i++) slots.push(following(crossing, slots[i - 1] ?? fail()))
  return { crossing, slots }
})
const fail = (): never => {
  throw new RangeError('a slot without a predecessor')
}
const spansOf = ({ crossing, slots }: { crossing: Crossing; slots: readonly Slot[] }) =>
  slots.flatMap((slot) =>
    (crossing.stages[slot.stage]?.green ?? []).map((light) => ({
      light,
      a: slot.startsAt,
      c: plannedEnd(crossing, light, slot),
    })),
  )

t.test('of any crossing, spans that conflict are all-red apart, whichever comes first', async () => {
  fc.assert(
    fc.property(turns, (one) => {
      const { constants, conflicting } = one.crossing
      const spans = spansOf(one)
      return spans.every((span) =>
        spans
          .filter(({ light }) => conflicting.get(span.light)?.includes(light))
          .every(({ a, c }) => span.a >= c + constants.allRedMs || a >= span.c + constants.allRedMs),
      )
    }),
  )
})

t.test('of any crossing, every turn is as long as the first, to the last bit that counts', async () => {
  fc.assert(
    fc.property(turns, ({ crossing, slots }) => {
      const count = crossing.stages.length
      const lengths = slots.slice(count).map((slot, index) => slot.startsAt - (slots[index]?.startsAt ?? Number.NaN))
      return lengths.every((ms) => Math.abs(ms - (lengths[0] ?? Number.NaN)) < 1e-6 && ms > 0)
    }),
  )
})

t.test('of any crossing, every light is green once a turn, and red in between', async () => {
  fc.assert(
    fc.property(turns, (one) =>
      one.crossing.lights.every((light) => {
        const spans = spansOf(one).filter((span) => span.light === light)
        const ends = new Set(spans.map(({ c }) => c))
        return ends.size >= 3
      }),
    ),
  )
})

t.test('P3: of any crossing, a grant is never earlier than aheadMs before the start, nor at the start', async () => {
  fc.assert(
    fc.property(turns, ({ crossing, slots }) => {
      const { amberMs, allRedMs, staleMs, heartbeatMs, aheadMs } = crossing.constants
      return slots.slice(1).every((next, index) => {
        const current = slots[index] ?? fail()
        const grantAt = grantsAt(crossing, running(next, current))
        const proves = amberMs + allRedMs >= staleMs + heartbeatMs
        return (
          grantAt >= next.startsAt - aheadMs &&
          grantAt < next.startsAt &&
          (!proves || grantAt >= greenEndsAt(crossing, current) + staleMs)
        )
      })
    }),
  )
})
