/** One way to break the demo, as a person is offered it. */
export interface Fault {
  /** Asks for it; unlike that of any other, whatever the lights of the crossing are called. */
  readonly id: string
  /** What a button that makes it says. */
  readonly label: string
  /** What it is done to, for who lists them. */
  readonly group: string
  /** What a button that undoes it says; null where only time does, or it is over at once. */
  readonly undo: string | null
  /** After this it undoes itself, ms; null where it does not. */
  readonly lastsMs: number | null
  /**
   * Makes it; resolves with what undoes it, or null where it is over by then. One that ends without being undone calls
   * `over`. Throws `failed` where it cannot be made now.
   */
  make(over: () => void): Promise<Unmake | null>
}

export type Unmake = () => void | Promise<void>
