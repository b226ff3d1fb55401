/** Chance that is the same on every machine: whole-number arithmetic from a seed, and no function of `Math` that may differ. */
import type { Random } from '../platform/random.ts'

/** Numbers thrown away at the start, until every bit of the seed has reached every bit of the state. */
const WARM_UP = 15

/** The generator sfc32 of PractRand: small, fast, and far better than a simulation needs. */
export class SeededRandom implements Random {
  #a: number
  #b: number
  #c = 0x9e3779b9 | 0
  #counter = 1

  /** `seed` is a whole number from 0 to 2^53 - 1. */
  constructor(seed: number) {
    this.#a = seed | 0
    this.#b = Math.floor(seed / 2 ** 32) | 0
    for (let i = 0; i < WARM_UP; i++) this.uint32()
  }

  uint32(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum >>> 0
  }

  /** A number in [min, max). */
  between(min: number, max: number): number {
    return min + (max - min) * (this.uint32() / 2 ** 32)
  }

  /** A whole number from min to max, both included. */
  whole(min: number, max: number): number {
    return min + (this.uint32() % (max - min + 1))
  }

  chance(probability: number): boolean {
    return this.uint32() < probability * 2 ** 32
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.uint32() % items.length]
    if (item === undefined) throw new RangeError('nothing to pick from')
    return item
  }

  /** One of the keys, each as often as its weight says. */
  weighted<Key extends string>(weights: readonly (readonly [Key, number])[]): Key {
    let rest = this.between(
      0,
      weights.reduce((sum, [, weight]) => sum + weight, 0),
    )
    const found = weights.find(([, weight]) => {
      rest -= weight
      return rest < 0
    })
    // None where rounding has left a trace of the sum.
    return (found ?? this.pick(weights))[0]
  }

  shuffled<Item>(items: readonly Item[]): Item[] {
    return items
      .map((item) => ({ item, order: this.uint32() }))
      .sort((one, other) => one.order - other.order)
      .map(({ item }) => item)
  }

  /** A stream of its own, so that what one part draws does not change what another does. */
  fork(): SeededRandom {
    return new SeededRandom(this.uint32())
  }
}
