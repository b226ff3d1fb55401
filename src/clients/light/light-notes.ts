/** What a light says of its connection and its controller to people who stand before it. Pure. */
import type { PlanMessage } from '../../protocol/plan-message.ts'
import type { Refusal } from '../link/link.ts'

/** A controller publishes its plan once a second: after this long it is gone, ms. */
export const PLAN_MS_MAX = 3500

export interface LightStanding {
  readonly url: string
  /** Connected, on the way for the first time, or why not. */
  readonly link: 'connecting' | 'connected' | Refusal
  /** Whether the conflict monitor has stopped the crossing. */
  readonly tripped: boolean
  /** The newest plan and its age, ms; null where none came on this connection. */
  readonly plan: { readonly message: PlanMessage; readonly ageMs: number } | null
}

/** Two lines: how the link stands, and how the controller does. */
export const lightNotes = (standing: LightStanding): readonly string[] => [
  `broker      ${linkInWords(standing)}`,
  `controller  ${controllerInWords(standing)}`,
]

function linkInWords({ url, link }: LightStanding): string {
  if (link === 'connecting') return `connecting to ${url}`
  return link === 'connected' ? `connected to ${url}` : link.reason
}

function controllerInWords({ link, tripped, plan }: LightStanding): string {
  if (link !== 'connected') return 'not heard without a broker'
  if (tripped) return 'not obeyed: the conflict monitor has stopped the crossing (crossing reset)'
  if (plan === null || plan.ageMs > PLAN_MS_MAX) return 'none is heard: is one running?'
  const { state, stage, waitingFor } = plan.message
  switch (state) {
    case 'running':
      return stage === null ? 'runs the plan' : `runs the plan, stage ${stage}`
    case 'held':
      return 'holds all lights, as an operator asked'
    case 'waiting':
    case 'stopped':
      return waitingFor === null ? 'waits' : `waits for ${waitingFor}`
  }
}
