/** Kinds of episodes with a question of their own: health, files, and what happens where an assumption is broken. */
import { anyQuality, kind, LONG, lan, SHORT } from './kind.ts'

export const SPECIAL_KINDS = {
  /** All is well; standbys come and go, and old messages come again. */
  calm: kind({
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
    health: 'plan',
  }),
  /** A controller that is busy for moments: greens are put off, never cut. */
  hiccups: kind({
    crossing: SHORT,
    controllers: [1, 1],
    faultSeconds: [60, 120],
    betweenSeconds: [2, 8],
    faults: [['controller hesitates', 1]],
    health: 'greens',
  }),
  /** Connections end, and the broker learns of it after they were made again. */
  links: kind({
    crossing: SHORT,
    controllers: [1, 1],
    faultSeconds: [60, 120],
    betweenSeconds: [1, 10],
    faults: [
      ['light cut', 4],
      ['broker restarts', 1],
      ['replays', 1],
    ],
    health: 'told',
  }),
  /** Crossing files that differ, in lights and in controllers. */
  files: kind({
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
  }),
  /** A light is missing for long: the others flash. */
  missing: kind({
    crossing: SHORT,
    faultSeconds: [100, 200],
    betweenSeconds: [5, 20],
    faults: [['light missing', 1]],
  }),
  /** Displays stuck because lamp and dead-man are both stopped: noticed where they are stuck while green. */
  stuck: kind({
    crossing: SHORT,
    controllers: [1, 1],
    faultSeconds: [100, 300],
    betweenSeconds: [8, 20],
    faults: [
      ['display stuck', 1],
      ['display stuck while green', 2],
    ],
    judgement: { spans: true, conflicts: true, allRed: false, trips: true },
  }),
  /** A clock that is wrong by far more than rho, and a light that is heard late or not at all. */
  'slow clock': kind({
    crossing: { greenSeconds: [1, 6], constants: [['default', 1]] },
    controllers: [1, 1],
    faultSeconds: [100, 300],
    betweenSeconds: [5, 30],
    faults: [
      ['light mute for long', 1],
      ['light late for long', 1],
    ],
    judgement: { spans: false, conflicts: true, allRed: false, trips: false },
  }),
  /** A controller that sends whatever it likes. */
  liar: kind({
    crossing: SHORT,
    controllers: [1, 1],
    faultSeconds: [60, 120],
    betweenSeconds: [0.1, 2],
    faults: [['lie', 1]],
    judgement: { spans: false, conflicts: false, allRed: false, trips: false },
  }),
  /** A standby that no longer hears a light which it knows as idle. */
  'kept away': kind({
    crossing: { ...SHORT, lightsMax: 3 },
    controllers: [2, 2],
    faultSeconds: [100, 200],
    betweenSeconds: [2, 10],
    faults: [['standby kept from a light', 1]],
  }),
  /** Controllers that ask their gate for anything at any time, in the worst of company. */
  whims: kind({
    weight: 3,
    crossing: { greenSeconds: [1, 6], lightsMax: 3, constants: [...SHORT.constants, ['brief', 6], ['hasty', 6]] },
    controllers: [1, 3],
    faultSeconds: [100, 200],
    betweenSeconds: [0.5, 10],
    faults: [
      ['controller stalls a horizon', 4],
      ['light stalls', 4],
      ['lamp restarts at once', 3],
      ['a light changes sides', 3],
      ['controller crashes', 1],
      ['all start', 1],
    ],
    quality: anyQuality,
    isWhims: true,
  }),
  /** Two such controllers, which lights change sides between. */
  quarrels: kind({
    crossing: { greenSeconds: [1, 6], lightsMax: 3, constants: [['hasty', 1]] },
    controllers: [2, 2],
    faultSeconds: [100, 200],
    betweenSeconds: [0.1, 2],
    faults: [['a light changes sides', 1]],
    quality: (random) => ({ ...lan(), delayMs: [1, random.between(2, 60)], loss: random.between(0, 0.05) }),
    isWhims: true,
  }),
  /** Nothing fails; where a mutant lets lights overlap, only the conflict monitor is to notice. Not drawn by a seed. */
  overlaps: kind({
    weight: 0,
    crossing: {
      greenSeconds: [2, 8],
      constants: [
        ['demo', 2],
        ['default', 2],
      ],
    },
    controllers: [1, 2],
    faultSeconds: [60, 120],
    betweenSeconds: [5, 20],
    faults: [
      ['standby restarts', 2],
      ['replays', 1],
    ],
    judgement: { spans: false, conflicts: false, allRed: false, trips: true },
  }),
}
