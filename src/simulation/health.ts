/** What is asked of a crossing beyond safety: a plan that never stops or drifts, whole greens, and green for all in time. */
import type { ControllerState } from '../clients/controller/control-state.ts'
import type { Slot } from '../clients/controller/plan.ts'
import type { Crossing } from '../protocol/crossing.ts'
import type { Oracle, Sign } from './oracle.ts'

/** One turn of the plan, by the file alone, ms. */
export function cycleMs({ stages, constants }: Crossing): number {
  const { redAmberMs, amberMs, allRedMs, aheadMs } = constants
  // A light that begins anew after its own stage waits until its grant can be sent.
  return stages.reduce((sum, { greenMs }) => sum + redAmberMs + greenMs + amberMs + allRedMs + aheadMs, 0)
}

/**
 * The longest that it may take from the end of all faults until every light was green, ms: a boot is believed when the
 * old one is not fresh (C3), and a second one where that was in doubt; who commands no more is noticed (C4), and so is
 * a second who took charge at the same time; what was granted runs out (L2, P2); two round trips on heartbeats (C5,
 * G1); all red; and one turn of the plan.
 */
export function greenWithinMs(crossing: Crossing): number {
  const { staleMs, horizonMs, heartbeatMs, lateMs, startRedMs, allRedMs, aheadMs } = crossing.constants
  return 4 * staleMs + horizonMs + lateMs + 10 * heartbeatMs + startRedMs + 2 * allRedMs + aheadMs + cycleMs(crossing)
}

/** A round trip on a sound network with late timers, ms: what a green may lose at its start at most, and more at its end. */
const LOST_MS_MAX = 90

/** All lamps have started by then, ms: the last of them exactly then. */
export const LIGHTS_START_MS = 500

/** Differences of the plan's times below this are rounding, ms. */
const DRIFT_MS_MAX = 0.01

interface Progress {
  readonly slot: Slot
  readonly startsAt: number
}

/** Watches the plans of all controllers of an episode in which none has a reason to stop. */
export class HealthWatch {
  readonly #crossing: Crossing
  readonly #oracle: Oracle
  readonly #asksPlan: boolean
  #isStarted = false
  #inCharge: number | null = null
  #progress: Progress | null = null

  constructor(crossing: Crossing, oracle: Oracle, asks: 'plan' | 'greens') {
    this.#crossing = crossing
    this.#oracle = oracle
    this.#asksPlan = asks === 'plan'
  }

  /** A display showed a whole non-red. */
  shown(sign: Sign, lost: { readonly startMs: number; readonly endMs: number }): void {
    if (!this.#isStarted) this.#judgeStart(sign)
    this.#isStarted = true
    const { rho, heartbeatMs } = this.#crossing.constants
    // The bounds are as wide as the last round trip, and widen until the next.
    const mostMs = LOST_MS_MAX + 2 * rho * (heartbeatMs + this.#crossing.constants.horizonMs)
    if (lost.startMs > mostMs)
      this.#oracle.report('lost green', `${sign.name} was green ${lost.startMs.toFixed(1)} ms late`)
    if (lost.endMs > mostMs) this.#oracle.report('lost green', `${sign.name} was red ${lost.endMs.toFixed(1)} ms early`)
  }

  /** Lights are all there half a second after the start, and red for startRedMs from then on. */
  #judgeStart(sign: Sign): void {
    if (sign.beganAtMs < LIGHTS_START_MS + this.#crossing.constants.startRedMs) {
      this.#oracle.report('start red', `${sign.name} began after ${sign.beganAtMs.toFixed(1)} ms`)
    }
  }

  /** A controller has done a step. */
  stepped(index: number, state: ControllerState): void {
    if (!this.#asksPlan) return
    const { plan } = state
    if (plan.kind !== 'running') {
      if (this.#isStarted && this.#inCharge === index) this.#oracle.report('stopped', `the plan is ${plan.kind}`)
      return
    }
    if (plan.current === null || plan.current === this.#progress?.slot) return
    this.#inCharge = index
    this.#follow(plan.current)
  }

  #follow(slot: Slot): void {
    const before = this.#progress
    if (before === null) {
      this.#progress = { slot, startsAt: slot.startsAt }
      return
    }
    const startsAt = before.startsAt + this.#lengthOf(before.slot.stage)
    const driftMs = slot.startsAt - startsAt
    if (Math.abs(driftMs) > DRIFT_MS_MAX) this.#oracle.report('drift', `the plan drifts by ${driftMs.toFixed(3)} ms`)
    this.#progress = { slot, startsAt }
  }

  /** From the start of a stage to the start of the next, by the file, ms. */
  #lengthOf(stage: number): number {
    const { stages, lights, constants } = this.#crossing
    const { redAmberMs, amberMs, allRedMs, aheadMs } = constants
    const now = stages[stage]
    if (now === undefined) throw new RangeError(`no stage ${stage}`)
    const isNeverRed = lights.some((light) => stages.every(({ green }) => green.includes(light)))
    const restarts = isNeverRed && stage === stages.length - 1
    return redAmberMs + now.greenMs + amberMs + allRedMs + (restarts ? aheadMs : 0)
  }
}
