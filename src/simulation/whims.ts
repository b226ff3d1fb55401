/**
 * A plan of whims: asks the gate for any span of any light at any time. The real plan never asks for most of what the
 * gate refuses; so this is what shows that the gate alone keeps conflicting spans apart, whoever plans.
 */
import type { ControllerRules } from '../clients/controller/control-state.ts'
import { passGate, type Scene } from '../clients/controller/gate.ts'
import { type LightView, type Span, UNHEARD } from '../clients/controller/light-view.ts'
import type { Crossing } from '../protocol/crossing.ts'
import type { Check } from './oracle.ts'
import type { SeededRandom } from './random.ts'

export interface WhimsOutcome {
  readonly simulatedMs: number
  readonly violation: { readonly check: Check; readonly atMs: number; readonly text: string } | null
}

interface Sent extends Span {
  readonly light: string
}

/** Between two whims, ms. */
const BETWEEN_MS: readonly [number, number] = [0, 1500]

/** Lets whims loose on the gate for `durationMs`. Any of the intervals sent may be the one that a lamp holds. */
export function followWhims(
  crossing: Crossing,
  rules: ControllerRules,
  random: SeededRandom,
  durationMs: number,
): WhimsOutcome {
  const { constants, conflicting, lights } = crossing
  const bounds = { lo: 0, hi: 0 }
  const views = new Map<string, LightView>(
    lights.map((light) => [light, { ...UNHEARD, boot: 'b', bounds, adoptedAt: 0, echoedSentAt: Number.MAX_VALUE }]),
  )
  let sent: Sent[] = []
  for (let t = 0; t < durationMs; t += random.between(...BETWEEN_MS)) {
    const scene: Scene = { t, constants, views, conflicting, lastAdopted: 0, isFresh: () => true }
    const light = random.pick(lights)
    const view = views.get(light)
    if (view === undefined) continue
    const span = whimOf(random, scene, view.span)
    if (passGate(rules.gate, scene, light, span).kind !== 'pass') continue
    const fault = faultOf(scene, { ...span, light }, view.span, sent)
    if (fault !== null) return { simulatedMs: t, violation: { ...fault, atMs: t } }
    views.set(light, { ...view, span })
    sent = sent.filter(({ c }) => c + constants.allRedMs > t)
    sent.push({ ...span, light })
  }
  return { simulatedMs: durationMs, violation: null }
}

/** The last span a little longer or shorter, or any other, soon or late, past or future, short or long. */
function whimOf(random: SeededRandom, { t, constants: { horizonMs } }: Scene, last: Span | null): Span {
  if (last !== null && random.chance(0.5)) {
    return { a: last.a, c: last.c + random.between(-0.5, 0.5) * horizonMs }
  }
  const a = t + random.between(-0.2, 0.8) * horizonMs
  return { a, c: a + random.between(0, 1) * horizonMs }
}

function faultOf(
  { t, constants, conflicting }: Scene,
  span: Sent,
  last: Span | null,
  sent: readonly Sent[],
): { readonly check: Check; readonly text: string } | null {
  const { allRedMs, horizonMs } = constants
  const rivals = conflicting.get(span.light) ?? []
  const met = sent.find(
    (other) => rivals.includes(other.light) && span.a < other.c + allRedMs && other.a < span.c + allRedMs,
  )
  if (met !== undefined) return { check: 'conflict', text: `spans of ${span.light} and ${met.light} meet` }
  if (span.c > t + horizonMs) return { check: 'horizon', text: `a span of ${span.light} ends beyond the horizon` }
  const isNew = last?.a !== span.a
  if (isNew && span.a < t) return { check: 'early', text: `a span of ${span.light} begins in the past` }
  if (isNew && span.a < allRedMs) return { check: 'all-red', text: `a span of ${span.light} begins before all is red` }
  return null
}
