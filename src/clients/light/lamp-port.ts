/** How a light's MQTT part speaks with its lamp, wherever that runs. */
import type { Command, Report } from '../../protocol/wire.ts'

export interface LampListener {
  report(report: Report): void
  /** The lamp holds its display, or waits for process `pid` that does. */
  holds(): void
  waits(pid: number | null): void
  /** Its display cannot be relied on, until it works again: meanwhile the lamp neither reports nor obeys. */
  display(works: boolean): void
}

export interface LampPort {
  /** Says who hears of its reports; called once. */
  listen(listener: LampListener): void
  command(command: Command): void
  /** What the crossing's `trip` topic says; it holds for every lamp that is started after. */
  trip(tripped: boolean): void
  /** When red is planned to end, on the machine's monotonic clock, or null; shown to people. */
  hint(redEndsAtMs: number | null): void
  /** Lines about the light for people, shown beside it where there is room. */
  note(notes: readonly string[]): void
  /** Waits for red, then ends the lamp; the display stays red. Calling it twice is fine. */
  stop(): Promise<void>
  /** Ends the lamp at once and leaves the display red. */
  kill(): Promise<void>
}
