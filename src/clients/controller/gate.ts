/**
 * The gate: the only place that makes an interval. Rules G1 to G5 of docs/protocol.md, each a question that must be
 * answered yes before a span of a light may be sent at `t`.
 */
import type { Interval } from '../../protocol/aspect.ts'
import { lightTime } from '../../protocol/aspect.ts'
import type { Constants } from '../../protocol/constants.ts'
import { earliest, latest } from './clock-bounds.ts'
import type { LightView, Span } from './light-view.ts'

/** What the gate looks at: the whole crossing as the controller knows it at `t`. */
export interface Scene {
  readonly t: number
  readonly constants: Constants
  readonly views: ReadonlyMap<string, LightView>
  /** The lights that conflict with each light. */
  readonly conflicting: ReadonlyMap<string, readonly string[]>
  /** The newest adoption of all lights; -Infinity while there was none. */
  readonly lastAdopted: number
  readonly isFresh: (view: LightView, t: number) => boolean
}

export const GATE_RULES = {
  /** The light is fresh, and has echoed a command sent at the last adoption or later. */
  G1: (scene: Scene, view: LightView): boolean =>
    scene.isFresh(view, scene.t) && view.adoptedAt !== null && view.echoedSentAt >= scene.lastAdopted,

  /** Not before what an older run gave is over. */
  G2Start: (scene: Scene, span: Span): boolean => span.a >= scene.lastAdopted + scene.constants.allRedMs,

  /** Not beyond what a lamp takes. */
  G2End: (scene: Scene, span: Span): boolean => span.c <= reachOf(scene),

  /** All red for long enough between it and a conflicting span, whichever is first. */
  G3: (scene: Scene, span: Span, other: Span): boolean => {
    const { allRedMs } = scene.constants
    return span.a >= other.c + allRedMs || other.a >= span.c + allRedMs
  },

  /** A new span starts in the future, and the light's last one is over since all-red. */
  G4New: (scene: Scene, span: Span, last: Span | null): boolean =>
    span.a >= scene.t && (last === null || last.c + scene.constants.allRedMs <= scene.t),

  /** The end of a span never falls: there is no shortening. */
  G4Fall: (span: Span, last: Span): boolean => span.c >= last.c,

  /** It rises only until a heartbeat before its amber. */
  G4Rise: ({ t, constants: { amberMs, heartbeatMs } }: Scene, last: Span): boolean =>
    t <= last.c - amberMs - heartbeatMs,

  /** Never early, never late: green from when the light's clock surely reached a, red when it may have reached c. */
  G5: ({ constants: { rho, amberMs } }: Scene, { bounds }: LightView, { a, c }: Span): Interval => {
    const red = earliest(bounds, rho, c)
    return { from: latest(bounds, rho, a), until: lightTime(red - amberMs), red }
  },

  /** What is left between the bounds has a green in it, after its red-amber. Also false where a bound is unknown. */
  G5Order: ({ from, until }: Interval, redAmberMs: number): boolean => from + redAmberMs < until,
} as const

export type GateRules = { readonly [Rule in keyof typeof GATE_RULES]: (typeof GATE_RULES)[Rule] }

/** The latest end that the gate lets through now. */
export const reachOf = ({ t, constants: { horizonMs, rho } }: Scene): number => t + horizonMs * (1 - rho)

export type Verdict =
  | { readonly kind: 'pass'; readonly interval: Interval }
  | { readonly kind: 'refused'; readonly rule: 'G1' | 'G2' | 'G3' | 'G4' | 'G5'; readonly light: string }

/** The first light that fails G1, or null where all pass. */
export function failsG1(rules: GateRules, scene: Scene): string | null {
  for (const [light, view] of scene.views) if (!rules.G1(scene, view)) return light
  return null
}

/**
 * Whether `span` of `light` may be sent now, and the interval that says it in the light's own clock. A span with the
 * `a` of the one on record is the same span.
 */
export function passGate(rules: GateRules, scene: Scene, light: string, span: Span): Verdict {
  const refuse = (rule: 'G1' | 'G2' | 'G3' | 'G4' | 'G5', by: string): Verdict => ({ kind: 'refused', rule, light: by })
  const view = scene.views.get(light)
  if (view === undefined) return refuse('G1', light)
  const missing = failsG1(rules, scene)
  if (missing !== null) return refuse('G1', missing)
  if (!rules.G2Start(scene, span) || !rules.G2End(scene, span)) return refuse('G2', light)
  for (const rival of scene.conflicting.get(light) ?? []) {
    const other = scene.views.get(rival)?.span ?? null
    if (other !== null && !rules.G3(scene, span, other)) return refuse('G3', rival)
  }
  const last = view.span
  if (!fitsLast(rules, scene, span, last)) return refuse('G4', light)
  const interval = rules.G5(scene, view, span)
  if (!rules.G5Order(interval, scene.constants.redAmberMs)) return refuse('G5', light)
  return { kind: 'pass', interval }
}

function fitsLast(rules: GateRules, scene: Scene, span: Span, last: Span | null): boolean {
  if (last?.a !== span.a) return rules.G4New(scene, span, last)
  return rules.G4Fall(span, last) && (span.c === last.c || rules.G4Rise(scene, last))
}
