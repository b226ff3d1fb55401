/** The kinds of episodes: what goes wrong in each, how often, and what is asked of it. */
import type { FaultName } from './faults.ts'
import type { LinkQuality } from './network.ts'
import type { Judgement } from './oracle.ts'
import type { CrossingWishes } from './random-crossing.ts'

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
  /** What is asked while faults are made: a plan that never stops nor drifts; greens that begin when planned. */
  readonly health: 'plan' | 'greens' | 'none'
  readonly judgement: Judgement
  /** Whether a plan of whims asks the gate alone, without lights or network. */
  readonly isWhims?: boolean
  /** Where uptimes begin, s: short ones meet each other when machines start anew. */
  readonly uptimeSeconds: readonly [number, number]
}

const ALL: Judgement = { spans: true, conflicts: true, allRed: true }

const SHORT: CrossingWishes = {
  greenSeconds: [1, 6],
  constants: [
    ['demo', 4],
    ['default', 3],
    ['own', 3],
  ],
}
const LONG: CrossingWishes = { ...SHORT, greenSeconds: [1, 30] }

const lan = (): LinkQuality => ({ delayMs: [1, 15], loss: 0, copies: 0, stray: 0, strayMsMax: 0 })

/** From a good network to one that hardly works, drawn once an episode. */
const anyQuality = (random: { between(min: number, max: number): number }): LinkQuality => {
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

const NETWORK: Kind['faults'] = [
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

export const KINDS = {
  /** All is well; standbys come and go, and old messages come again. */
  calm: {
    weight: 2,
    crossing: LONG,
    controllers: [1, 3],
    faultSeconds: [60, 120],
    betweenSeconds: [3, 20],
    faults: [
      ['standby restarts', 2],
      ['replays', 1],
      ['controller hiccup', 1],
    ],
    quality: lan,
    health: 'plan',
    judgement: ALL,
    uptimeSeconds: [10, 1e6],
  },
  /** A controller that is busy for moments: greens are put off, never cut. */
  hiccups: {
    weight: 1,
    crossing: SHORT,
    controllers: [1, 1],
    faultSeconds: [60, 120],
    betweenSeconds: [2, 8],
    faults: [['controller hesitates', 1]],
    quality: lan,
    health: 'greens',
    judgement: ALL,
    uptimeSeconds: [10, 1e6],
  },
  storms: {
    weight: 4,
    crossing: { ...LONG, constants: [...LONG.constants, ['hasty', 2]] },
    controllers: [1, 3],
    faultSeconds: [60, 240],
    betweenSeconds: [0.2, 8],
    faults: [
      ...NETWORK,
      ['lamp stops', 2],
      ['lamp crashes', 1],
      ['controller stops', 1],
      ['controller crashes', 1],
      ['mode', 0.3],
    ],
    quality: anyQuality,
    health: 'none',
    judgement: ALL,
    uptimeSeconds: [10, 1e6],
  },
  takeovers: {
    weight: 4,
    crossing: { greenSeconds: [1, 20], constants: [...SHORT.constants, ['hasty', 6]] },
    controllers: [2, 3],
    faultSeconds: [60, 240],
    betweenSeconds: [0.1, 3],
    faults: [
      ['ways blocked', 8],
      ['way blocked', 8],
      ['controller crashes', 4],
      ['controller dies while sending', 3],
      ['controller stops', 3],
      ['controller stops before sending', 4],
      ['controller cut', 1],
      ['controller stalls', 3],
      ['all start', 2],
      ['lamp crashes', 4],
      ['lamp restarts', 6],
      ['light stalls', 3],
      ['replays', 2],
    ],
    quality: anyQuality,
    health: 'none',
    judgement: ALL,
    uptimeSeconds: [10, 1e6],
  },
  /** Every message takes so long that little is known of clocks, and greens are as short. */
  far: {
    weight: 1,
    crossing: { greenSeconds: [1, 1.5], constants: [['default', 1]] },
    controllers: [1, 2],
    faultSeconds: [100, 300],
    betweenSeconds: [5, 20],
    faults: [
      ['replays', 1],
      ['lamp crashes', 1],
      ['light stalls', 1],
    ],
    quality: (random) => ({ ...lan(), delayMs: [random.between(200, 290), random.between(300, 350)] }),
    health: 'none',
    judgement: ALL,
    uptimeSeconds: [10, 1e6],
  },
  /** One controller falls silent with commands under way, another takes over, and then they come. */
  successions: {
    weight: 3,
    crossing: { greenSeconds: [3, 9], lightsMax: 3, constants: [['brief', 1]] },
    controllers: [2, 3],
    faultSeconds: [150, 300],
    betweenSeconds: [4, 16],
    faults: [
      ['controller stalls a horizon', 8],
      ['controller stops a horizon before sending', 4],
      ['lamp restarts at once', 1],
      ['controller crashes', 1],
    ],
    quality: (random) => ({ ...lan(), stray: random.between(0, 0.1), strayMsMax: 8000 }),
    health: 'none',
    judgement: ALL,
    uptimeSeconds: [10, 1e6],
  },
  /** Two controllers that begin together, and single messages that decide who is heard by whom. */
  duels: {
    weight: 2,
    crossing: { greenSeconds: [1, 8], lightsMax: 3, constants: [['hasty', 1]] },
    controllers: [2, 2],
    faultSeconds: [100, 200],
    betweenSeconds: [0.02, 0.5],
    faults: [
      ['way blocked briefly', 20],
      ['lamp restarts at once', 4],
      ['all start', 2],
      ['a light changes sides', 2],
      ['controller stalls', 1],
    ],
    quality: (random) => ({ ...lan(), delayMs: [1, random.between(2, 60)], loss: random.between(0, 0.05) }),
    health: 'none',
    judgement: ALL,
    uptimeSeconds: [10, 1e6],
  },
  restarts: {
    weight: 3,
    crossing: SHORT,
    controllers: [1, 2],
    faultSeconds: [60, 240],
    betweenSeconds: [0.5, 8],
    faults: [
      ['machine starts anew', 6],
      ['lamp crashes', 3],
      ['lamp restarts', 3],
      ['lamp stops', 4],
      ['controller crashes', 2],
      ['replays', 6],
      ['light stalls', 2],
      ['broker restarts', 1],
    ],
    quality: anyQuality,
    health: 'none',
    judgement: ALL,
    uptimeSeconds: [5, 60],
  },
  drift: {
    weight: 3,
    crossing: { greenSeconds: [2, 60], constants: SHORT.constants },
    controllers: [1, 2],
    faultSeconds: [60, 400],
    betweenSeconds: [0.5, 20],
    faults: [
      ['clock changes rate', 6],
      ['light sleeps', 3],
      ['controller sleeps', 2],
      ['light wall steps', 1],
      ['controller wall steps', 1],
      ['light stalls', 2],
      ['light mute', 2],
      ['replays', 2],
    ],
    quality: anyQuality,
    health: 'none',
    judgement: ALL,
    uptimeSeconds: [10, 1e6],
  },
  /** Crossing files that differ, in lights and in controllers. */
  files: {
    weight: 1,
    crossing: SHORT,
    controllers: [2, 3],
    faultSeconds: [60, 180],
    betweenSeconds: [2, 20],
    faults: [
      ['another file', 4],
      ['controller crashes', 3],
      ['lamp restarts', 2],
      ['light cut', 1],
    ],
    quality: lan,
    health: 'none',
    judgement: ALL,
    uptimeSeconds: [10, 1e6],
  },
  /** A light is missing for long: the others flash. */
  missing: {
    weight: 1,
    crossing: SHORT,
    controllers: [1, 2],
    faultSeconds: [100, 200],
    betweenSeconds: [5, 20],
    faults: [['light missing', 1]],
    quality: lan,
    health: 'none',
    judgement: ALL,
    uptimeSeconds: [10, 1e6],
  },
  /** Displays stuck because lamp and dead-man are both stopped: noticed where they are stuck while green. */
  stuck: {
    weight: 1,
    crossing: SHORT,
    controllers: [1, 1],
    faultSeconds: [100, 300],
    betweenSeconds: [8, 20],
    faults: [['display stuck', 1]],
    quality: lan,
    health: 'none',
    judgement: { spans: true, conflicts: true, allRed: false },
    uptimeSeconds: [10, 1e6],
  },
  /** A clock that is wrong by far more than rho, and a light that is heard late or not at all. */
  'slow clock': {
    weight: 1,
    crossing: { greenSeconds: [1, 6], constants: [['default', 1]] },
    controllers: [1, 1],
    faultSeconds: [100, 300],
    betweenSeconds: [5, 30],
    faults: [
      ['light mute for long', 1],
      ['light late for long', 1],
    ],
    quality: lan,
    health: 'none',
    judgement: { spans: false, conflicts: true, allRed: false },
    uptimeSeconds: [10, 1e6],
  },
  /** A controller that sends whatever it likes. */
  liar: {
    weight: 1,
    crossing: SHORT,
    controllers: [1, 1],
    faultSeconds: [60, 120],
    betweenSeconds: [0.1, 2],
    faults: [['lie', 1]],
    quality: lan,
    health: 'none',
    judgement: { spans: false, conflicts: false, allRed: false },
    uptimeSeconds: [10, 1e6],
  },
  whims: {
    weight: 0.5,
    crossing: SHORT,
    controllers: [1, 1],
    faultSeconds: [600, 1200],
    betweenSeconds: [1, 1],
    faults: [],
    quality: lan,
    health: 'none',
    judgement: ALL,
    isWhims: true,
    uptimeSeconds: [10, 1e6],
  },
} as const satisfies Record<string, Kind>

export type KindName = keyof typeof KINDS
export const KIND_NAMES = Object.keys(KINDS).filter((name): name is KindName => name in KINDS)
export const kindOf = (name: KindName): Kind => KINDS[name]
