/** The two messages that carry the protocol, as types alone: what a lamp, which parses nothing, needs of them. */
import type { Aspect, Interval, LightTime } from './aspect.ts'

/** Lamp to all controllers. */
export interface Report {
  /** Digest of the crossing file that the lamp was started with. */
  readonly file: string
  /** Random id that the lamp drew at its start. */
  readonly boot: string
  /** The lamp's clock just before sending. */
  readonly now: LightTime
  readonly aspect: Aspect
  /** The newest command accepted, and the lamp's clock at that moment; 0, 0 and its start where there is none. */
  readonly run: number
  readonly n: number
  readonly at: LightTime
}

/** Controller to one lamp. */
export interface Command {
  /** The boot that it speaks to. */
  readonly boot: string
  /** Drawn by the controller when it took charge. */
  readonly run: number
  /** Counts up over all commands of the run. */
  readonly n: number
  /** The interval to hold from now on; without it the lamp keeps the one it holds. */
  readonly green?: Interval
}
