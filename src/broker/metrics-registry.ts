/**
 * Metrics as Prometheus reads them, in a registry of one broker's own. Counts are kept as plain numbers and turned into
 * samples when somebody asks, since some of them count every message.
 */
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { healthMonitor, heapBytes } from '../platform/process-health.ts'

const PREFIX = 'crossing_broker_'

/** Counts by the value of a label. */
export type Counts = Iterable<readonly [string, number]>

export class MetricsRegistry {
  readonly #registry = new Registry()
  readonly #registers = [this.#registry]
  readonly #health = healthMonitor()

  /** Adds a count that starts here; gives what adds one to it for a value of `label`. `others` are kept elsewhere. */
  counter(name: string, help: string, label: string, others: () => Counts = () => []): (value: string) => void {
    const counts = new Map<string, number>()
    new Counter({
      name: PREFIX + name,
      help,
      labelNames: [label],
      registers: this.#registers,
      collect() {
        this.reset()
        for (const [value, count] of [...counts, ...others()]) this.inc({ [label]: value }, count)
      },
    })
    return (value) => void counts.set(value, (counts.get(value) ?? 0) + 1)
  }

  /** Adds a count that is kept elsewhere. */
  total(name: string, help: string, read: () => number): void {
    new Counter({
      name: PREFIX + name,
      help,
      registers: this.#registers,
      collect() {
        this.reset()
        this.inc(read())
      },
    })
  }

  gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name: PREFIX + name,
      help,
      registers: this.#registers,
      collect() {
        this.set(read())
      },
    })
  }

  /** Adds a distribution over `buckets`, upper bounds; gives what adds a value to it. */
  histogram(name: string, help: string, buckets: readonly number[]): (value: number) => void {
    const found = new Histogram({ name: PREFIX + name, help, buckets: [...buckets], registers: this.#registers })
    return (value) => found.observe(value)
  }

  /** Adds what there is to say of the process, whatever runs in it. */
  process(): void {
    const health = this.#health
    this.gauge('process_resident_memory_bytes', 'Memory of the process', () => health.residentBytes())
    this.gauge('process_heap_bytes', 'JavaScript objects of the process', heapBytes)
    this.total('process_cpu_seconds_total', 'Processor time of the process', () => health.cpuSeconds())
    new Gauge({
      name: `${PREFIX}event_loop_lag_seconds`,
      help: 'How late the event loop was since it was asked last; nothing at the first time',
      labelNames: ['quantile'],
      registers: this.#registers,
      collect() {
        this.reset()
        for (const [quantile, seconds] of health.lagSeconds()) this.set({ quantile }, seconds)
      },
    })
  }

  /** Everything in the text format of Prometheus, version 0.0.4. */
  text(): Promise<string> {
    return this.#registry.metrics()
  }

  /** Ends what is measured all the time. */
  close(): void {
    this.#health.close()
  }
}
