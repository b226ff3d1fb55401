/**
 * A plan of whims: a controller that asks the gate for any span of any light at any time. The real plan never asks for
 * most of what the gate refuses; so this is what shows that the gate alone keeps displays apart, whoever plans.
 */
import type { Scene } from '../clients/controller/gate.ts'
import type { Span } from '../clients/controller/light-view.ts'
import type { PlanRules } from '../clients/controller/plan.ts'
import type { SeededRandom } from './random.ts'

/** Chance that a heartbeat asks for another end of a span that runs. */
const FICKLE = 0.3

export const planOfWhims = (random: SeededRandom): PlanRules => ({
  P3: () => Number.NEGATIVE_INFINITY,
  P4: (_crossing, plan) => plan,
  proposes({ lights }, _gate, plan, scene) {
    const light = random.pick(lights)
    const spans = new Map([[light, whimOf(random, scene, scene.views.get(light)?.span ?? null)]])
    return { spans, granted: { ...plan, current: { ...plan.next } } }
  },
  renews: (_gate, _plan, scene, _light, span) => (random.chance(FICKLE) ? stretched(random, scene, span) : span),
})

/** The last span a little longer or shorter, or any other: at once, soon or late, past or future, short or long. */
export function whimOf(random: SeededRandom, scene: Scene, last: Span | null): Span {
  if (last !== null && random.chance(0.4)) return stretched(random, scene, last)
  const { horizonMs } = scene.constants
  const a = scene.t + (random.chance(0.3) ? random.between(0, 50) : random.between(-0.2, 0.8) * horizonMs)
  return { a, c: a + random.between(0, 1) * horizonMs }
}

function stretched(random: SeededRandom, { constants: { horizonMs } }: Scene, { a, c }: Span): Span {
  return { a, c: c + random.between(-0.5, 0.5) * horizonMs }
}
