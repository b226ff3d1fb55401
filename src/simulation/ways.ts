/**
 * How everything of an episode behaves: the real rules and a sound machine, or, for a mutant, with one thing left out.
 * Nothing that runs a light or a controller knows of this.
 */
import { MONITOR_RULES, type MonitorRules } from '../broker/interlock/monitor-rules.ts'
import type { ControllerRules } from '../clients/controller/control-state.ts'
import { CONTROLLER_RULES } from '../clients/controller/rules.ts'
import { LAMP_RULES, type LampRules } from '../clients/light/lamp.ts'
import type { Crossing } from '../protocol/crossing.ts'

export interface Ways {
  readonly lamp: LampRules
  readonly controller: ControllerRules
  readonly monitor: MonitorRules
  /** The crossing as lamps and as controllers use it. */
  readonly lampCrossing: (crossing: Crossing) => Crossing
  readonly controllerCrossing: (crossing: Crossing) => Crossing
  readonly machine: MachineWays
}

/** What the programs around the rules must do for the rules to hold. */
export interface MachineWays {
  /** L6: a display goes red within `lateMs` when its lamp stops or dies. */
  readonly hasDeadMan: boolean
  /** L6: a successor starts only when the old lamp is gone. */
  readonly killsFirst: boolean
  /** A report is stamped this long after it has left, ms. */
  readonly stampedLateMs: number
  /** S: the clock is read this long after a command has left, ms. */
  readonly readAfterSendingMs: number
  /** R: the clock is read this long before a report has arrived, ms. */
  readonly readBeforeArrivalMs: number
  /** Stamps are rounded to this, ms; 0 for never. */
  readonly roundsStampsToMs: number
  /** A1: every boot, and every step between runs, is drawn anew. */
  readonly drawsBoots: boolean
  readonly drawsRuns: boolean
  /** A light reads what others say on its own topic. */
  readonly readsOwnTopic: boolean
}

export const REAL_WAYS: Ways = {
  lamp: LAMP_RULES,
  controller: CONTROLLER_RULES,
  monitor: MONITOR_RULES,
  lampCrossing: (crossing) => crossing,
  controllerCrossing: (crossing) => crossing,
  machine: {
    hasDeadMan: true,
    killsFirst: true,
    stampedLateMs: 0,
    readAfterSendingMs: 0,
    readBeforeArrivalMs: 0,
    roundsStampsToMs: 0,
    drawsBoots: true,
    drawsRuns: true,
    readsOwnTopic: true,
  },
}
