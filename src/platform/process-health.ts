/** How this process is: memory, processor time, and how late its event loop is. */
import { monitorEventLoopDelay } from 'node:perf_hooks'

/** Memory of the JavaScript objects of this process, bytes. */
export const heapBytes = (): number => process.memoryUsage().heapUsed

export interface HealthMonitor {
  /** Memory that the process occupies. */
  residentBytes(): number
  /** Processor time used so far. */
  cpuSeconds(): number
  /**
   * How late the event loop was since the last call, by quantile, `1` being the longest delay. Nothing at the first
   * call, which starts the measurement: a process that nobody watches pays nothing.
   */
  lagSeconds(): ReadonlyMap<string, number>
  /** Ends the measurement of the event loop. */
  close(): void
}

/** Between two looks at the event loop, ms: a timer of Node's own, which keeps no process alive. */
const RESOLUTION_MS = 20

const QUANTILES = [0.5, 0.99, 1] as const

export function healthMonitor(): HealthMonitor {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  let isMeasured = false
  // What is recorded is the time from one look to the next, of which the interval itself is no delay.
  const lateSeconds = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e9 - RESOLUTION_MS / 1000)
  return {
    residentBytes: () => process.memoryUsage.rss(),
    cpuSeconds() {
      const { user, system } = process.cpuUsage()
      return (user + system) / 1e6
    },
    lagSeconds() {
      const measured = isMeasured && delays.count > 0 ? QUANTILES : []
      const found = measured.map((share): [string, number] => [`${share}`, lateSeconds(delays.percentile(share * 100))])
      if (!isMeasured) delays.enable()
      isMeasured = true
      delays.reset()
      return new Map(found)
    },
    close: () => void delays.disable(),
  }
}
