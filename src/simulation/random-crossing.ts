/** Crossings of all kinds: 2 to 6 lights, any pairs compatible, any stages, and all sorts of constants that fit. */
import { type Crossing, parseCrossing } from '../protocol/crossing.ts'
import { pairOf } from '../protocol/crossing-layout.ts'
import type { SeededRandom } from './random.ts'

export interface CrossingWishes {
  /** Greens, s. */
  readonly greenSeconds: readonly [number, number]
  /** Default: 6. */
  readonly lightsMax?: number
  readonly constants: readonly (readonly [ConstantsName, number])[]
}

/** Of a simulated crossing: more only take longer. */
const LIGHTS_MAX = 6

export type ConstantsName = 'demo' | 'default' | 'own' | 'hasty' | 'brief'

export function randomCrossing(random: SeededRandom, wishes: CrossingWishes): Crossing {
  const { lightsMax = LIGHTS_MAX } = wishes
  const count = random.chance(0.5) ? 2 : random.whole(2, lightsMax)
  const lights = Array.from({ length: count }, (_, index) => `light${index + 1}`)
  const compatible = compatiblePairs(random, lights)
  const stages = randomStages(random, lights, compatible).map((green, index) => ({
    name: `stage ${index + 1}`,
    green,
    seconds: tenths(random.between(...wishes.greenSeconds)),
  }))
  const file = { crossing: 'simulated', lights, stages, compatible, ...randomTimes(random, wishes) }
  return parseCrossing(file, 'a simulated crossing')
}

function compatiblePairs(random: SeededRandom, lights: readonly string[]): [string, string][] {
  const share = random.pick([0, 0.3, 0.6])
  const pairs = lights.flatMap((one, index) => lights.slice(index + 1).map((other): [string, string] => [one, other]))
  const chosen = pairs.filter(() => random.chance(share))
  // A crossing where nobody conflicts says nothing.
  return chosen.length === pairs.length ? chosen.slice(1) : chosen
}

/** Stages that serve every light, some of them more than once. */
function randomStages(
  random: SeededRandom,
  lights: readonly string[],
  compatible: readonly (readonly [string, string])[],
): string[][] {
  const pairs = new Set(compatible.map(pairOf))
  const stages: string[][] = []
  const unserved = new Set(lights)
  const extra = random.whole(0, 2)
  for (let i = 0; unserved.size > 0 || i < extra; i++) {
    const green: string[] = []
    const wanted = random.shuffled([...unserved]).concat(random.shuffled(lights))
    for (const light of wanted) {
      const fits = !green.includes(light) && green.every((other) => pairs.has(pairOf([light, other])))
      if (fits && (green.length === 0 || random.chance(0.7))) green.push(light)
    }
    for (const light of green) unserved.delete(light)
    stages.push(green)
  }
  return random.shuffled(stages)
}

function randomTimes(random: SeededRandom, wishes: CrossingWishes) {
  switch (random.weighted(wishes.constants)) {
    case 'demo':
      return times(random, {
        constants: 'demo',
        amberMs: 1000,
        redAmberMs: [0, 500],
        lateMs: 200,
        rho: 0.002,
        allRedMs: 500,
      })
    case 'default':
      return times(random, {
        constants: 'default',
        amberMs: 3000,
        redAmberMs: [0, 1000, 2000],
        lateMs: 200,
        rho: 0.002,
        allRedMs: 1000,
      })
    case 'own':
      return ownTimes(random)
    case 'hasty':
      return hastyTimes(random, [6000, 20_000])
    case 'brief':
      return hastyTimes(random, [1500, 3500])
  }
}

/** Constants of all sorts. */
function ownTimes(random: SeededRandom) {
  const rho = random.pick([0.0005, 0.002, 0.01])
  const lateMs = random.whole(200, 350)
  const amberMs = random.whole(5, 30) * 100
  const redAmberMs = random.pick([0, 0, 300, 1000])
  const heartbeatMs = random.whole(100, 500)
  const aheadMs = random.whole(300, 1500)
  const reachMs = aheadMs + redAmberMs + amberMs + 2 * heartbeatMs
  const constants = {
    heartbeatMs,
    staleMs: Math.ceil(heartbeatMs * random.between(3.1, 6)),
    horizonMs: Math.ceil((reachMs / (1 - rho)) * random.between(1.02, 3)),
    rho,
    lateMs,
    startRedMs: random.whole(1, 3000),
    aheadMs,
  }
  return times(random, {
    constants,
    amberMs,
    redAmberMs: [redAmberMs],
    lateMs,
    rho,
    allRedMs: random.whole(1, 20) * 100,
  })
}

/** Another takes charge soon, and what was granted before lasts long: whatever makes a takeover dangerous. */
function hastyTimes(random: SeededRandom, horizonMs: readonly [number, number]) {
  const constants = {
    heartbeatMs: 100,
    staleMs: random.pick([random.whole(310, 1600), random.whole(1000, 1600)]),
    horizonMs: random.whole(...horizonMs),
    startRedMs: 1,
    aheadMs: random.whole(200, 500),
  }
  const allRedMs = random.whole(3, 15) * 100
  return times(random, { constants, amberMs: 500, redAmberMs: [0], lateMs: 200, rho: 0.002, allRedMs })
}

function times(
  random: SeededRandom,
  given: {
    constants: unknown
    amberMs: number
    redAmberMs: readonly number[]
    lateMs: number
    rho: number
    allRedMs: number
  },
) {
  const tightMs = Math.floor(given.lateMs * (1 + given.rho)) + 1
  const allRedMs = random.chance(0.4) ? tightMs : Math.max(tightMs, given.allRedMs)
  return {
    amberSeconds: given.amberMs / 1000,
    redAmberSeconds: random.pick(given.redAmberMs) / 1000,
    allRedSeconds: allRedMs / 1000,
    constants: given.constants,
  }
}

const tenths = (seconds: number): number => Math.round(seconds * 10) / 10
