/** What was decided of a topic, for as long as the reasons stay the same: most messages come on a few topics. */

/** More than a light or a controller uses; who uses more has each decided anew now and then. */
const TOPICS_MAX = 64

export class Decisions {
  readonly #decide: (topic: string) => boolean
  #decided: Map<string, boolean> | null = null

  /** `decide` always decides the same of a topic. */
  constructor(decide: (topic: string) => boolean) {
    this.#decide = decide
  }

  about(topic: string): boolean {
    this.#decided ??= new Map()
    const known = this.#decided.get(topic)
    if (known !== undefined) return known
    if (this.#decided.size >= TOPICS_MAX) this.#decided.clear()
    const decision = this.#decide(topic)
    this.#decided.set(topic, decision)
    return decision
  }
}
