/** Says which limit was reached by whom: in the log, where nobody can flood it, and in the metrics. */
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/log.ts'
import { tally } from '../platform/tally.ts'
import type { Connection } from './access.ts'
import type { BrokerLimits } from './limits.ts'
import { sourceOf } from './source.ts'

export type LimitName = keyof BrokerLimits

/** Whom a line is about. */
export type Culprit = Pick<Connection, 'address' | 'login'>

/** As much as a line repeats of what a client chose, characters. */
const TEXT_CHARACTERS_MAX = 120

interface ExcessesDependencies {
  readonly limits: BrokerLimits
  readonly logger: Logger
  readonly clock: Clock
  /** Called each time, also where no line is due. */
  readonly onExcess: (limit: LimitName) => void
}

export class Excesses {
  readonly #limits: BrokerLimits
  readonly #onExcess: (limit: LimitName) => void
  readonly #log: (kind: string, fields: object, event: string) => void

  constructor({ limits, logger, clock, onExcess }: ExcessesDependencies) {
    this.#limits = limits
    this.#onExcess = onExcess
    this.#log = tally(clock, (fields, event) => logger.warn(fields, event))
  }

  /** `limit` was reached; `subject` is the topic or filter concerned. */
  note(limit: LimitName, { address, login }: Culprit, subject?: string): void {
    this.#onExcess(limit)
    const user = login?.account.name
    const fields = {
      limit,
      value: this.#limits[limit],
      address,
      user,
      client: login?.clientId.slice(0, TEXT_CHARACTERS_MAX),
      topic: subject?.slice(0, TEXT_CHARACTERS_MAX),
    }
    this.#log(`${limit} ${user ?? sourceOf(address)}`, fields, 'limit_reached')
  }
}
