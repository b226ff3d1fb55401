/** What the page needs of the browser's window, as it gets it: passed in. */
export interface Platform {
  /** Where the broker speaks MQTT: `ws://HOST/mqtt`. */
  readonly brokerUrl: string
  /** Monotonic time, ms with fractions. */
  nowMs(): number
  /** Calls `task` once, `delayMs` from now or later. Returns what cancels it. */
  after(delayMs: number, task: () => void): () => void
  /**
   * Calls `task` before each frame that is painted, with the time; where as little motion as can be is wanted, before ten
   * frames a second. Returns what ends that.
   */
  onFrames(task: (nowMs: number) => void): () => void
  /** An id that does not repeat. */
  randomId(): string
  /** Whether whoever looks asked for as little motion as can be. */
  wantsStillness(): boolean
  /** What this window keeps for a reload; null where there is nothing. */
  load(): string | null
  /** null: keeps nothing any more. */
  save(text: string | null): void
  show(element: HTMLElement, title: string): void
}
