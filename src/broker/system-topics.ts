/** What the broker says of itself under `$SYS/broker/`, by the names that Mosquitto made usual. */
import type { Clock } from '../platform/clock.ts'
import { heapBytes } from '../platform/process-health.ts'
import { ownVersion } from '../platform/version.ts'
import { SYSTEM_ROOT } from '../protocol/system.ts'
import type { KeptCounts } from './metrics.ts'
import type { Traffic } from './traffic.ts'

/** What is read where it lives, each time. */
export interface SystemSources {
  readonly traffic: Traffic
  /** Clients that have logged in. */
  readonly clientsConnected: () => number
  /** Stored sessions whose client is away. */
  readonly clientsAway: () => number
  readonly subscriptions: () => number
  readonly kept: () => KeptCounts
  readonly dropped: () => number
  /** Connections that were let in so far. */
  readonly connections: () => number
}

/** Between two rounds unless told otherwise, ms. Source: Mosquitto's default of `sys_interval`. */
const INTERVAL_MS = 10_000

interface SystemDependencies {
  readonly sources: SystemSources
  readonly clock: Clock
  /** Between two rounds, ms; 0: there are none. */
  readonly intervalMs: number | undefined
  /** Publishes a retained message. */
  readonly publish: (topic: string, payload: string) => void
}

/** The averages, by the end of their topics: the time over which each forgets, s. */
const AVERAGES = [
  ['1min', 60],
  ['5min', 300],
  ['15min', 900],
] as const

/** The counts that averages are made of, a minute, by their topics under `load/`. */
type Loads = ReadonlyMap<string, number>

export class SystemTopics {
  readonly #dependencies: SystemDependencies
  readonly #startedMs: number
  /** As published last: what did not change is not published again. */
  readonly #published = new Map<string, string>()
  readonly #averages = new Map<string, number>()
  #counts: Loads
  #countedMs: number
  #clientsMaximum = 0
  #cancel: () => void = () => {}

  /** Publishes nothing until it is started. */
  constructor(dependencies: SystemDependencies) {
    this.#dependencies = dependencies
    this.#startedMs = dependencies.clock.monotonicMs()
    this.#countedMs = this.#startedMs
    this.#counts = this.#count()
  }

  /** Publishes now and every `intervalMs` until it is closed. */
  start(): void {
    const { clock, intervalMs = INTERVAL_MS } = this.#dependencies
    if (intervalMs === 0) return
    this.#publishAll()
    this.#cancel = clock.after(intervalMs, () => this.start())
  }

  close(): void {
    this.#cancel()
  }

  #publishAll(): void {
    this.#average()
    const averages = [...this.#averages].map(([topic, value]) => [topic, value.toFixed(2)] as const)
    for (const [topic, value] of [...this.#facts(), ...averages]) {
      const payload = `${value}`
      if (this.#published.get(topic) === payload) continue
      this.#published.set(topic, payload)
      this.#dependencies.publish(`${SYSTEM_ROOT}/${topic}`, payload)
    }
  }

  #facts(): readonly (readonly [string, string | number])[] {
    const { sources, clock } = this.#dependencies
    const { received, sent } = sources.traffic
    const connected = sources.clientsConnected()
    const away = sources.clientsAway()
    const kept = sources.kept()
    this.#clientsMaximum = Math.max(this.#clientsMaximum, connected + away)
    return [
      ['version', `mqtt-crossing version ${ownVersion()}`],
      ['uptime', `${Math.floor((clock.monotonicMs() - this.#startedMs) / 1000)} seconds`],
      ['clients/connected', connected],
      ['clients/disconnected', away],
      ['clients/total', connected + away],
      ['clients/maximum', this.#clientsMaximum],
      ['messages/received', received.packets],
      ['messages/sent', sent.packets],
      ['publish/messages/received', received.publishes],
      ['publish/messages/sent', sent.publishes],
      ['publish/messages/dropped', sources.dropped()],
      ['bytes/received', received.bytes],
      ['bytes/sent', sent.bytes],
      ['subscriptions/count', sources.subscriptions()],
      ['heap/current', heapBytes()],
      ['messages/stored', kept.queuedMessages],
      ['retained messages/count', kept.retainedMessages],
    ]
  }

  #count(): Loads {
    const { traffic, connections } = this.#dependencies.sources
    const { received, sent } = traffic
    return new Map([
      ['messages/received', received.packets],
      ['messages/sent', sent.packets],
      ['publish/received', received.publishes],
      ['publish/sent', sent.publishes],
      ['bytes/received', received.bytes],
      ['bytes/sent', sent.bytes],
      ['connections', connections()],
    ])
  }

  /** Moving averages of the counts a minute, which forget exponentially. Source: Mosquitto 2.0, sys_tree.c. */
  #average(): void {
    const nowMs = this.#dependencies.clock.monotonicMs()
    const seconds = (nowMs - this.#countedMs) / 1000
    const counts = this.#count()
    for (const [name, count] of counts) {
      const perMinute = seconds === 0 ? 0 : ((count - (this.#counts.get(name) ?? 0)) * 60) / seconds
      for (const [over, forgotten] of AVERAGES) {
        const topic = `load/${name}/${over}`
        const before = this.#averages.get(topic) ?? 0
        this.#averages.set(topic, perMinute + Math.exp(-seconds / forgotten) * (before - perMinute))
      }
    }
    this.#counts = counts
    this.#countedMs = nowMs
  }
}
