/** Taking charge of a crossing, and leaving it. Rules C4 and C5 of docs/protocol.md, and the two of the plan, P1 and P2. */
import { RUN_MAX } from '../../protocol/limits.ts'
import type { Report } from '../../protocol/wire.ts'
import type { ControllerEffect, ControllerSettings, ControllerState } from './control-state.ts'
import { forget, type LightView } from './light-view.ts'

/** The rules of taking charge by their names in docs/protocol.md. */
export const CHARGE_RULES = {
  /** The light reports. */
  C4Heard: (view: LightView, t: number, staleMs: number): boolean => t - view.heardAt <= staleMs,
  /**
   * It says that it took nothing for a while, or nothing at all; and no report says otherwise, since one that comes
   * late proves nothing of now.
   */
  C4Idle: (view: LightView, t: number, staleMs: number): boolean => view.idleMs >= staleMs && t >= view.busyUntil,
  /**
   * Whoever sees a larger run is out of charge. Its own run with a number that it never sent can only be another's:
   * that counts as larger.
   */
  C4Yields: (run: number, n: number, report: Report): boolean =>
    report.run > run || (report.run === run && report.n > n),
  /** The newest adoption of all lights. */
  C5: (lastAdopted: number, adoptedAt: number): number => Math.max(lastAdopted, adoptedAt),
  /** A light that fails G1 stops the plan. */
  P1: (failing: string | null): boolean => failing !== null,
  /** The plan starts only when every span is over. */
  P2: (views: ReadonlyMap<string, LightView>, t: number): boolean =>
    [...views.values()].every(({ span }) => span === null || span.c <= t),
} as const

export type ChargeRules = { readonly [Rule in keyof typeof CHARGE_RULES]: (typeof CHARGE_RULES)[Rule] }

/** C4: when every light reports and nobody commands any. */
export function takeCharge(
  { crossing, drawRunStep, rules }: ControllerSettings,
  state: ControllerState,
  t: number,
  effects: ControllerEffect[],
): ControllerState {
  const views = [...state.views.values()]
  const { C4Heard, C4Idle } = rules.charge
  const { staleMs } = crossing.constants
  if (!views.every((view) => C4Heard(view, t, staleMs) && C4Idle(view, t, staleMs))) return state
  const run = state.largestRun + 1 + drawRunStep()
  // Only forged reports lead here; see RUN_MAX. Who restarts the lights frees the numbers.
  if (run > RUN_MAX) return state
  effects.push({ kind: 'took-charge', run })
  const adopting = new Map([...state.views].map(([light, view]) => [light, forget(view)]))
  return { ...state, run, n: 0, largestRun: run, lastAdopted: Number.NEGATIVE_INFINITY, views: adopting, beatDueAt: t }
}

/** Out of charge, and back to where it listens whether anyone else is. Spans stay on record. */
export function beginAgain(
  state: ControllerState,
  reason: 'larger-run' | 'clock-stepped',
  effects: ControllerEffect[],
): ControllerState {
  if (state.run !== null) effects.push({ kind: 'out-of-charge', reason })
  return {
    ...state,
    run: null,
    n: 0,
    lastAdopted: Number.NEGATIVE_INFINITY,
    plan: { kind: 'stopped', why: 'not in charge' },
    views: new Map([...state.views].map(([light, view]) => [light, forget(view)])),
  }
}
