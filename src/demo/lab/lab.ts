/** Which faults of the demo last: makes and undoes them as it is asked to, and tells every change. */
import type { Clock } from '../../platform/clock.ts'
import { reasonOf } from '../../platform/errors.ts'
import type { Logger } from '../../platform/log.ts'
import { tally } from '../../platform/tally.ts'
import type { Fault, Unmake } from './fault.ts'

/** A fault as `lab/state` tells it. */
export interface FaultState extends Pick<Fault, 'id' | 'label' | 'group' | 'undo'> {
  readonly active: boolean
  /** Until it undoes itself, ms; null where it does not, or does not last. */
  readonly endsInMs: number | null
}

export interface LabListener {
  changed(faults: readonly FaultState[]): void
  /** Something was done, in words. */
  happened(id: string, text: string): void
}

export interface LabDependencies {
  readonly clock: Clock
  readonly logger: Logger
}

/** As much of an unknown id as the log repeats. */
const ID_CHARACTERS_SHOWN = 100

interface Lasting {
  readonly endsAtMs: number | null
  /** Null while it is still being made. */
  readonly unmake: Unmake | null
  readonly cancel: () => void
}

export class Lab {
  readonly #faults: ReadonlyMap<string, Fault>
  readonly #lasting = new Map<string, Lasting>()
  readonly #listener: LabListener
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #unknown: (kind: string, fields: object, event: string) => void
  #closed = false

  constructor(faults: readonly Fault[], { clock, logger }: LabDependencies, listener: LabListener) {
    this.#faults = new Map(faults.map((fault) => [fault.id, fault]))
    this.#listener = listener
    this.#clock = clock
    this.#logger = logger
    this.#unknown = tally(clock, (fields, event) => logger.warn(fields, event))
  }

  get state(): readonly FaultState[] {
    const now = this.#clock.monotonicMs()
    return [...this.#faults.values()].map(({ id, label, group, undo }) => {
      const lasting = this.#lasting.get(id)
      const endsAtMs = lasting?.endsAtMs ?? null
      const endsInMs = endsAtMs === null ? null : Math.max(0, Math.round(endsAtMs - now))
      return { id, label, group, undo, active: lasting !== undefined, endsInMs }
    })
  }

  /** Makes a fault; one that lasts already is left alone. Resolves when it is made. */
  async make(id: string): Promise<void> {
    const fault = this.#faultOf(id)
    if (fault === null || this.#closed || this.#lasting.has(id)) return
    const making = this.#enter(fault, null)
    this.#logger.info({ fault: id }, 'fault_made')
    this.#listener.happened(id, fault.label)
    this.#changed()
    try {
      const unmake = await fault.make(() => this.#leave(fault))
      if (this.#lasting.get(id) !== making) await unmake?.()
      else if (unmake === null) this.#leave(fault)
      else this.#enter(fault, unmake)
    } catch (error) {
      this.#leave(fault)
      this.#logger.warn({ fault: id, reason: reasonOf(error) }, 'fault_failed')
      this.#listener.happened(id, `${fault.label}: ${reasonOf(error)}`)
    }
  }

  /** Undoes a fault that lasts, where it can be undone before its time. */
  async undo(id: string): Promise<void> {
    const fault = this.#faultOf(id)
    if (fault !== null && fault.undo !== null) await this.#unmake(fault, fault.undo)
  }

  /** Undoes all that lasts, and makes nothing more. Calling it twice is fine. */
  async close(): Promise<void> {
    this.#closed = true
    const lasting = [...this.#lasting.values()]
    this.#lasting.clear()
    for (const { cancel } of lasting) cancel()
    await Promise.all(lasting.map(({ unmake }) => unmake?.()))
  }

  async #unmake(fault: Fault, text: string): Promise<void> {
    const lasting = this.#lasting.get(fault.id)
    if (lasting === undefined || lasting.unmake === null) return
    this.#leave(fault)
    await lasting.unmake()
    this.#logger.info({ fault: fault.id }, 'fault_undone')
    this.#listener.happened(fault.id, text)
    this.#changed()
  }

  #enter(fault: Fault, unmake: Unmake | null): Lasting {
    const { id, lastsMs } = fault
    const endsAtMs = lastsMs === null ? null : this.#clock.monotonicMs() + lastsMs
    const end = (): void => void this.#unmake(fault, `${fault.label}: over`)
    const cancel = unmake === null || lastsMs === null ? () => {} : this.#clock.after(lastsMs, end)
    const lasting = { endsAtMs, unmake, cancel }
    this.#lasting.set(id, lasting)
    return lasting
  }

  #leave({ id }: Fault): void {
    const lasting = this.#lasting.get(id)
    if (lasting === undefined) return
    lasting.cancel()
    this.#lasting.delete(id)
    this.#changed()
  }

  #changed(): void {
    this.#listener.changed(this.state)
  }

  #faultOf(id: string): Fault | null {
    const fault = this.#faults.get(id) ?? null
    if (fault === null) this.#unknown('unknown', { id: id.slice(0, ID_CHARACTERS_SHOWN) }, 'unknown_fault')
    return fault
  }
}
