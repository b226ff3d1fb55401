/** What a controller knows, what reaches it and what it does: the types that its parts share. */
import type { Crossing } from '../../protocol/crossing.ts'
import type { Mode } from '../../protocol/mode.ts'
import type { Command, Report } from '../../protocol/wire.ts'
import type { ChargeRules } from './charge.ts'
import type { GateRules, Scene } from './gate.ts'
import type { LightView, ListeningRules } from './light-view.ts'
import type { Plan, PlanRules } from './plan.ts'

export interface ControllerSettings {
  readonly crossing: Crossing
  /** A whole number from 0 to 2^32 - 1, so that two controllers never share a run. */
  readonly drawRunStep: () => number
  /** Always the real ones, but for a simulation that leaves one out to see whether anyone notices. */
  readonly rules: ControllerRules
}

export interface ControllerRules {
  readonly listening: ListeningRules
  readonly charge: ChargeRules
  readonly gate: GateRules
  readonly plan: PlanRules
}

export interface ControllerState {
  /** The run of a controller in charge, else null. */
  readonly run: number | null
  /** Commands sent in this run. */
  readonly n: number
  readonly largestRun: number
  /** When a light was last adopted in this run; -Infinity while none was. */
  readonly lastAdopted: number
  readonly plan: Plan
  readonly mode: Mode
  /** What the conflict monitor says it has seen, while the crossing is tripped; else null. */
  readonly trip: string | null
  readonly beatDueAt: number
  readonly views: ReadonlyMap<string, LightView>
  /** Wall clock less monotonic clock at the last tick. */
  readonly wallOffsetMs: number
}

export type ControllerEvent =
  | { readonly kind: 'tick'; readonly wallMs: number }
  | { readonly kind: 'report'; readonly light: string; readonly report: Report }
  | { readonly kind: 'mode'; readonly mode: Mode }
  | { readonly kind: 'trip'; readonly trip: string | null }

export type ControllerEffect =
  | { readonly kind: 'command'; readonly light: string; readonly command: Command }
  | { readonly kind: 'took-charge'; readonly run: number }
  | { readonly kind: 'out-of-charge'; readonly reason: 'larger-run' | 'clock-stepped' }
  | { readonly kind: 'new-boot' | 'clock-broke-bound' | 'adopted'; readonly light: string }
  | { readonly kind: 'differs'; readonly light: string; readonly file: string }
  /** The plan starts, stops, is held, or grants a stage. */
  | { readonly kind: 'plan-changed' }

export interface ControllerMoment {
  readonly t: number
  readonly wallMs: number
}

/** What the gate sees at `t`. */
export function sceneOf({ crossing, rules }: ControllerSettings, state: ControllerState, t: number): Scene {
  const { constants, conflicting } = crossing
  const isFresh = (view: LightView, at: number): boolean => rules.listening.C2(view, at, constants.staleMs)
  return { t, constants, conflicting, views: state.views, lastAdopted: state.lastAdopted, isFresh }
}

export function withView(
  views: ReadonlyMap<string, LightView>,
  light: string,
  view: LightView,
): ReadonlyMap<string, LightView> {
  return new Map(views).set(light, view)
}
