/** The rules of a controller, all of them, by their names in docs/protocol.md. */
import { CHARGE_RULES } from './charge.ts'
import type { ControllerRules } from './control-state.ts'
import { GATE_RULES } from './gate.ts'
import { LISTENING_RULES } from './light-view.ts'
import { PLAN_RULES } from './plan.ts'

export const CONTROLLER_RULES: ControllerRules = {
  listening: LISTENING_RULES,
  charge: CHARGE_RULES,
  gate: GATE_RULES,
  plan: PLAN_RULES,
}
