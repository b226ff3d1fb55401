/**
 * The plan: which stage is due when, by the crossing file's arithmetic alone, so that it does not drift. It proposes
 * spans; the gate decides.
 */
import type { Crossing } from '../../protocol/crossing.ts'
import { type GateRules, reachOf, type Scene } from './gate.ts'
import type { Span } from './light-view.ts'

/** A stage at a time: the start of the spans of the lights that begin with it. */
export interface Slot {
  readonly stage: number
  readonly startsAt: number
}

export type Plan =
  /** Some light fails G1, or what was granted before has not run out: commands carry no interval (P1). */
  | { readonly kind: 'stopped'; readonly why: string }
  /** An operator holds it: running spans end, nothing is granted or extended. */
  | { readonly kind: 'held' }
  | {
      readonly kind: 'running'
      /** The newest stage granted; null before the first. */
      readonly current: Slot | null
      readonly next: Slot
      /** Spans as planned, by light: a granted one may end earlier so far, and is renewed up to this. */
      readonly aims: ReadonlyMap<string, Span>
    }

export type RunningPlan = Extract<Plan, { kind: 'running' }>

const stageOf = (crossing: Crossing, index: number) => {
  const stage = crossing.stages[index % crossing.stages.length]
  if (stage === undefined) throw new RangeError(`stage ${index} of a crossing without stages`)
  return stage
}

export const stageName = (crossing: Crossing, slot: Slot): string => stageOf(crossing, slot.stage).name
const lightsOf = (crossing: Crossing, index: number): readonly string[] => stageOf(crossing, index).green

/** When the green of a stage ends, and amber begins for lights that end with it. */
export const greenEndsAt = (crossing: Crossing, { stage, startsAt }: Slot): number =>
  startsAt + crossing.constants.redAmberMs + stageOf(crossing, stage).greenMs

/** When the amber of a stage ends. */
const endsAt = (crossing: Crossing, slot: Slot): number => greenEndsAt(crossing, slot) + crossing.constants.amberMs

/** Whether a light stays green from a stage into the next. One that is in every stage sees red once a cycle. */
function staysGreen(crossing: Crossing, light: string, stage: number): boolean {
  const following = (stage + 1) % crossing.stages.length
  if (!lightsOf(crossing, following).includes(light)) return false
  return following !== 0 || crossing.stages.some(({ green }) => !green.includes(light))
}

/** The planned end of a light's span that includes `slot`: of the last stage in a row that it stays green in. */
export function plannedEnd(crossing: Crossing, light: string, slot: Slot): number {
  let last = slot
  while (staysGreen(crossing, light, last.stage % crossing.stages.length)) last = following(crossing, last)
  return endsAt(crossing, last)
}

/** The slot after `slot`, by the file alone. */
export function following(crossing: Crossing, slot: Slot): Slot {
  const { allRedMs, aheadMs } = crossing.constants
  const stage = (slot.stage + 1) % crossing.stages.length
  // By G4 a light that ends with this stage and begins with the next is granted only once it has been red for all-red.
  const restarts = lightsOf(crossing, stage).some(
    (light) => lightsOf(crossing, slot.stage).includes(light) && !staysGreen(crossing, light, slot.stage),
  )
  return { stage, startsAt: endsAt(crossing, slot) + allRedMs + (restarts ? aheadMs : 0) }
}

/** P2: the first stage, once every light passes G1 and every span is over. */
export function startPlan(crossing: Crossing, scene: Scene): RunningPlan {
  const { startRedMs, allRedMs, aheadMs } = crossing.constants
  const notBefore = scene.lastAdopted + allRedMs
  const restartable = lightsOf(crossing, 0).map((light) => scene.views.get(light)?.span ?? null)
  const spansOver = restartable.map((span) => (span === null ? notBefore : span.c + allRedMs + aheadMs))
  const startsAt = Math.max(scene.t + startRedMs, notBefore, ...spansOver)
  return { kind: 'running', current: null, next: { stage: 0, startsAt }, aims: new Map() }
}

/**
 * P3: when the next stage is granted: `aheadMs` before it begins. Later, where the file's times allow it, so that whoever
 * is granted by then has proved to be alive after its predecessor's amber began: a light and its dead-man that are both
 * stopped while green are noticed before anyone else is granted anything.
 */
export function grantsAt(crossing: Crossing, { current, next }: RunningPlan): number {
  const { aheadMs, staleMs, heartbeatMs } = crossing.constants
  if (current === null) return next.startsAt - aheadMs
  const proved = greenEndsAt(crossing, current) + staleMs
  return Math.max(next.startsAt - aheadMs, Math.min(proved, next.startsAt - heartbeatMs))
}

/** The spans that the next stage asks the gate for, and the plan if all are granted. */
export function proposeNext(
  crossing: Crossing,
  rules: GateRules,
  plan: RunningPlan,
  scene: Scene,
): { readonly spans: ReadonlyMap<string, Span>; readonly granted: RunningPlan } {
  const spans = new Map<string, Span>()
  const aims = new Map(plan.aims)
  for (const light of lightsOf(crossing, plan.next.stage)) {
    const c = plannedEnd(crossing, light, plan.next)
    const last = scene.views.get(light)?.span ?? null
    if (last !== null && plan.aims.get(light)?.a === last.a && rules.G4Rise(scene, last)) {
      aims.set(light, { a: last.a, c: Math.max(c, last.c) })
    } else {
      aims.set(light, { a: plan.next.startsAt, c })
      spans.set(light, { a: plan.next.startsAt, c: Math.min(c, reachOf(scene)) })
    }
  }
  const granted = { ...plan, current: plan.next, next: following(crossing, plan.next), aims }
  return { spans, granted }
}

/** The span to send for a light whose last one is not over: extended towards its aim as far as the gate will let it. */
export function renewed(rules: GateRules, plan: Plan, scene: Scene, light: string, span: Span): Span {
  const aim = plan.kind === 'running' ? plan.aims.get(light) : undefined
  if (aim === undefined || aim.a !== span.a) return span
  const wanted = { a: span.a, c: Math.min(aim.c, reachOf(scene)) }
  return rules.G4Fall(wanted, span) && rules.G4Rise(scene, span) ? wanted : span
}

/** P4: a slot whose start has passed is moved to where it can be granted at `t`: put off, never cut. */
export const postponed = (crossing: Crossing, plan: RunningPlan, t: number): RunningPlan => ({
  ...plan,
  next: { ...plan.next, startsAt: t + crossing.constants.aheadMs },
})

/** What the plan asks the gate for, and when: the rules P3 and P4 of docs/protocol.md by their names, and its spans. */
export const PLAN_RULES = { P3: grantsAt, P4: postponed, proposes: proposeNext, renews: renewed } as const

export type PlanRules = { readonly [Rule in keyof typeof PLAN_RULES]: (typeof PLAN_RULES)[Rule] }

/** Seconds are for people; this is when a light's planned colour next changes, or null where nothing is planned. */
export function changesAt(crossing: Crossing, plan: Plan, light: string, span: Span | null, t: number): number | null {
  const { amberMs, redAmberMs } = crossing.constants
  if (span !== null && span.a <= t && t < span.c) {
    const aim = plan.kind === 'running' && plan.aims.get(light)?.a === span.a ? plan.aims.get(light) : undefined
    const c = Math.max(aim?.c ?? span.c, span.c)
    return [span.a + redAmberMs, c - amberMs, c].find((at) => at > t) ?? c
  }
  if (plan.kind !== 'running') return null
  let slot = plan.current !== null && t < plan.current.startsAt ? plan.current : plan.next
  for (const _ of crossing.stages) {
    if (lightsOf(crossing, slot.stage).includes(light)) return slot.startsAt
    slot = following(crossing, slot)
  }
  return null
}
