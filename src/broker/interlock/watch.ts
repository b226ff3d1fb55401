/**
 * Feeds the conflict monitors what the broker carries, and acts on what they find: a crossing that trips is told so on
 * its `trip` topic, which stays until an admin resets it.
 *
 * Which crossing file a monitor goes by: the one of the configuration, whatever anybody publishes; else the one that a
 * controller in charge publishes, newest first. So only a configured file makes the monitor independent of who holds a
 * controller's credentials.
 */
import { type Clock, isoTime } from '../../platform/clock.ts'
import { reasonOf } from '../../platform/errors.ts'
import type { Logger } from '../../platform/log.ts'
import { tally } from '../../platform/tally.ts'
import { type Crossing, parseCrossing } from '../../protocol/crossing.ts'
import { FILE_BYTES_MAX } from '../../protocol/limits.ts'
import { parseCommand, parseJson, parseReport } from '../../protocol/messages.ts'
import { crossingTopic, parseTopic } from '../../protocol/topics.ts'
import { encodeTrip, parseTrip, type Trip } from '../../protocol/trip.ts'
import type { Rights } from '../acl.ts'
import type { Message } from '../persistence/message.ts'
import {
  type Finding,
  type MonitorEvent,
  type MonitorState,
  NOTHING_SEEN,
  stepMonitor,
  TOGETHER_MS,
} from './conflict-monitor.ts'
import { MONITOR_RULES, type MonitorRules } from './monitor-rules.ts'

/** Of who publishes, what matters here. */
interface Publisher {
  readonly name: string
  readonly rights: Pick<Rights, 'resets'>
}

export interface WatchOptions {
  /** Crossing files of the configuration. */
  readonly crossings: readonly Crossing[]
  /** Crossings learned besides, at most. */
  readonly crossingsMax: number
}

export interface WatchDependencies {
  readonly clock: Clock
  readonly logger: Logger
  /** Publishes on a `trip` topic, retained. */
  readonly publish: (topic: string, payload: string) => void
  /** Called when a crossing trips. */
  readonly onTrip?: (crossing: string) => void
  /** Always MONITOR_RULES, but for a simulation. */
  readonly rules?: MonitorRules
}

interface Watched {
  readonly name: string
  /** Null where nobody has told it yet. */
  crossing: Crossing | null
  readonly isConfigured: boolean
  state: MonitorState
  trip: Trip | null
}

/** Of what is retained, that which it reads again when a broker starts. */
export const RESTORED_FILTERS: readonly string[] = [crossingTopic('+', 'trip'), crossingTopic('+', 'file')]

export class Watch {
  readonly #options: WatchOptions
  readonly #dependencies: WatchDependencies
  readonly #watched = new Map<string, Watched>()
  readonly #warn: ReturnType<typeof tally>

  constructor(options: WatchOptions, dependencies: WatchDependencies) {
    this.#options = options
    this.#dependencies = dependencies
    this.#warn = tally(dependencies.clock, (fields, event) => dependencies.logger.warn(fields, event))
    for (const crossing of options.crossings) {
      const { name } = crossing
      this.#watched.set(name, { name, crossing, isConfigured: true, state: NOTHING_SEEN, trip: null })
    }
  }

  /** The crossings that are tripped now. */
  get tripped(): readonly string[] {
    return [...this.#watched.values()].filter(({ trip }) => trip?.tripped === true).map(({ name }) => name)
  }

  /** Takes up what was retained before this broker started, and says how each crossing is. */
  start(retained: Iterable<Pick<Message, 'topic' | 'payload'>>): void {
    for (const { topic, payload } of retained) {
      const parsed = parseTopic(topic)
      if (parsed?.topic === 'trip') this.#restore(parsed.crossing, parseTrip(payload))
      else if (parsed?.topic === 'file') this.#learn(parsed.crossing, payload)
    }
    for (const watched of this.#watched.values())
      this.#publish(watched, watched.trip ?? this.#quiet('the broker started'))
  }

  /** A message that may be published passes. */
  see(topic: string, content: string | Uint8Array, publisher?: Publisher): void {
    const parsed = parseTopic(topic)
    const payload = typeof content === 'string' ? Buffer.from(content) : content
    switch (parsed?.topic) {
      case 'report':
        return this.#step(parsed.crossing, () => {
          const report = parseReport(payload)
          return report === null ? null : { kind: 'report', light: parsed.light, report }
        })
      case 'command':
        return this.#step(parsed.crossing, () => {
          const command = parseCommand(payload)
          return command === null ? null : { kind: 'command', light: parsed.light, command }
        })
      case 'file':
        return this.#learn(parsed.crossing, payload)
      case 'reset':
        return this.#reset(parsed.crossing, publisher)
      default:
    }
  }

  /** `read` gives what was seen, null where it is garbage. What nobody watches is not even read. */
  #step(name: string, read: () => MonitorEvent | null): void {
    const watched = this.#watched.get(name)
    if (watched === undefined || watched.crossing === null || watched.trip?.tripped === true) return
    const event = read()
    if (event === null) return
    const { clock, logger, rules = MONITOR_RULES } = this.#dependencies
    const moment = { t: clock.monotonicMs(), wallMs: clock.wallMs() }
    const settings = { crossing: watched.crossing, rules }
    const [state, finding] = stepMonitor(settings, watched.state, event, moment)
    watched.state = state
    if (finding === null) return
    logger.error({ crossing: name, ...finding, fix: `find the cause, then: crossing reset ${name}` }, 'tripped')
    watched.state = NOTHING_SEEN
    this.#dependencies.onTrip?.(name)
    this.#publish(watched, { tripped: true, ...told(finding), when: this.#now() })
  }

  #reset(name: string, publisher?: Publisher): void {
    const user = publisher?.name ?? ''
    const watched = this.#watched.get(name)
    const { logger } = this.#dependencies
    if (publisher?.rights.resets.includes(name) !== true) {
      return this.#warn(`reset ${user}`, { crossing: name, user, needs: 'role admin' }, 'reset_refused')
    }
    if (watched?.trip?.tripped !== true) return logger.info({ crossing: name, user }, 'reset_without_trip')
    logger.warn({ crossing: name, user, was: watched.trip.what }, 'trip_reset')
    watched.state = NOTHING_SEEN
    this.#publish(watched, this.#quiet(`reset by ${user}`))
  }

  #learn(name: string, payload: Uint8Array): void {
    const known = this.#watched.get(name)
    const crossing = this.#readFile(name, payload)
    if (crossing === null || known?.crossing?.digest === crossing.digest) return
    const { logger } = this.#dependencies
    if (known?.isConfigured === true) {
      const fix = 'give the broker, the controller and every light the same crossing file'
      return this.#warn(`differs ${name}`, { crossing: name, fix }, 'monitor_file_differs')
    }
    const watched = known ?? this.#add(name)
    if (watched === null) return
    watched.crossing = crossing
    watched.state = NOTHING_SEEN
    logger.info({ crossing: name, file: crossing.digest }, 'monitor_learned_crossing')
    if (watched.trip === null) this.#publish(watched, this.#quiet('the monitor learned of the crossing'))
  }

  /** Null where it is cleared, no crossing file, or that of another crossing. */
  #readFile(name: string, payload: Uint8Array): Crossing | null {
    if (payload.length === 0) return null
    const topic = crossingTopic(name, 'file')
    try {
      const crossing = parseCrossing(parseJson(payload, FILE_BYTES_MAX), topic)
      if (crossing.name === name) return crossing
      this.#warn(topic, { topic, names: crossing.name }, 'garbage_dropped')
    } catch (error) {
      this.#warn(topic, { topic, reason: reasonOf(error).slice(0, REASON_CHARACTERS_MAX) }, 'garbage_dropped')
    }
    return null
  }

  #restore(name: string, trip: Trip | null): void {
    if (trip === null) return
    const watched = this.#watched.get(name) ?? this.#add(name)
    if (watched === null) return
    watched.trip = trip
    if (trip.tripped) this.#dependencies.logger.error({ crossing: name, ...trip }, 'still_tripped')
  }

  #add(name: string): Watched | null {
    if (this.#watched.size >= this.#options.crossings.length + this.#options.crossingsMax) {
      this.#warn('full', { crossing: name, crossingsMax: this.#options.crossingsMax }, 'crossing_not_watched')
      return null
    }
    const watched: Watched = { name, crossing: null, isConfigured: false, state: NOTHING_SEEN, trip: null }
    this.#watched.set(name, watched)
    return watched
  }

  #publish(watched: Watched, trip: Trip): void {
    watched.trip = trip
    this.#dependencies.publish(crossingTopic(watched.name, 'trip'), encodeTrip(trip))
  }

  readonly #quiet = (what: string): Trip => ({ tripped: false, what, when: this.#now(), lights: [] })

  readonly #now = (): string => isoTime(this.#dependencies.clock.wallMs())
}

function told(finding: Finding): Pick<Trip, 'what' | 'lights'> {
  switch (finding.kind) {
    case 'conflict': {
      const { lights, forMs } = finding
      return { what: `${lights.join(' and ')} were non-red together for ${Math.round(forMs)} ms at least`, lights }
    }
    case 'unallowed': {
      const { light, aspect } = finding
      return {
        what: `${light} showed ${aspect} for ${TOGETHER_MS} ms or more, which no command allowed`,
        lights: [light],
      }
    }
    default:
      throw new TypeError(`unknown finding ${finding satisfies never}`)
  }
}

/** As much as a log line repeats of what is wrong with a file that somebody published. */
const REASON_CHARACTERS_MAX = 200
