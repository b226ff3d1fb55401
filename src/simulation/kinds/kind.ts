/** What a kind of episodes is, and what several of them share. */
import type { FaultName } from '../faults.ts'
import type { LinkQuality } from '../line.ts'
import type { Judgement } from '../oracle.ts'
import type { CrossingWishes } from '../random-crossing.ts'

export interface Kind {
  /** How often it is drawn, against the others. */
  readonly weight: number
  readonly crossing: CrossingWishes
  readonly controllers: readonly [number, number]
  /** How long faults are made, and how long it is from one to the next, s. */
  readonly faultSeconds: readonly [number, number]
  readonly betweenSeconds: readonly [number, number]
  readonly faults: readonly (readonly [FaultName, number])[]
  readonly quality: (random: { between(min: number, max: number): number }) => LinkQuality
  /**
   * What is asked while faults are made: a plan that never stops nor drifts; greens that begin when planned; lights
   * that tell others the truth.
   */
  readonly health: 'plan' | 'greens' | 'told' | 'none'
  readonly judgement: Judgement
  /** Whether controllers have a plan of whims instead of their own; nobody is then promised a green. */
  readonly isWhims: boolean
  /** Where uptimes begin, s: short ones meet each other when machines start anew. */
  readonly uptimeSeconds: readonly [number, number]
}

const ALL: Judgement = { spans: true, conflicts: true, allRed: true, trips: true }

export const SHORT: CrossingWishes = {
  greenSeconds: [1, 6],
  constants: [
    ['demo', 4],
    ['default', 3],
    ['own', 3],
  ],
}
export const LONG: CrossingWishes = { ...SHORT, greenSeconds: [1, 30] }

export const lan = (): LinkQuality => ({ delayMs: [1, 15], loss: 0, copies: 0, stray: 0, strayMsMax: 0 })

/** From a good network to one that hardly works, drawn once an episode. */
export const anyQuality = (random: { between(min: number, max: number): number }): LinkQuality => {
  const badness = random.between(0, 1) ** 2
  const delayMs = 10 + 800 * badness * random.between(0, 1)
  return {
    // Where no message is fast, what is known of clocks is as vague as that.
    delayMs: [random.between(0, 1) < 0.3 ? 0.8 * delayMs : 1, delayMs],
    loss: 0.15 * badness,
    copies: random.between(0, 0.2),
    stray: random.between(0, 0.05),
    strayMsMax: random.between(0, 1) < 0.5 ? 12_000 : 120_000,
  }
}

/** What most kinds have in common. */
const USUAL = {
  weight: 1,
  controllers: [1, 2],
  quality: lan,
  health: 'none',
  judgement: ALL,
  isWhims: false,
  uptimeSeconds: [10, 1e6],
} as const

export const kind = (
  own: Partial<Kind> & Pick<Kind, 'crossing' | 'faultSeconds' | 'betweenSeconds' | 'faults'>,
): Kind => ({ ...USUAL, ...own })

export const NETWORK: Kind['faults'] = [
  ['light cut', 2],
  ['light stalls', 3],
  ['light mute', 1],
  ['light deaf', 1],
  ['ways blocked', 2],
  ['controller cut', 1],
  ['controller stalls', 2],
  ['broker restarts', 1],
  ['replays', 3],
]
