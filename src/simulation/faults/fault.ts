/** What a fault is and can strike. */
import type { SeededRandom } from '../random.ts'
import type { SimulatedController } from '../simulated-controller.ts'
import type { SimulatedLight } from '../simulated-light.ts'
import type { World } from '../world.ts'

/** Everything that a fault can strike. */
export interface Scene {
  readonly world: World
  readonly random: SeededRandom
  readonly lights: readonly SimulatedLight[]
  readonly controllers: readonly SimulatedController[]
  /** The newest report of each light, as anyone who reads the broker knows it. */
  readonly reports: ReadonlyMap<string, string>
  /** Does something `ms` from now, unless all is well by then. */
  readonly later: (ms: number, task: () => void) => void
}
/** Strikes; may give how long nothing else should, ms. */
export type Fault = (scene: Scene) => number | undefined

/** Mostly short, sometimes long, ms. */
export const awhile = (random: SeededRandom): number =>
  random.chance(0.6) ? random.between(50, 3000) : random.between(1000, random.pick([6000, 15_000, 60_000]))

export const indexOf = (scene: Scene, items: readonly unknown[]): number => scene.random.whole(0, items.length - 1)
