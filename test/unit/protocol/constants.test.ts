import * as fc from 'fast-check'
import t from 'tap'
import { type Constants, DEFAULT_CONSTANTS, DEMO_CONSTANTS, faultsOf } from '../../../src/protocol/constants.ts'

const ROAD: Constants = { ...DEFAULT_CONSTANTS, amberMs: 3000, redAmberMs: 2000, allRedMs: 1000 }
const DESK: Constants = { ...DEMO_CONSTANTS, amberMs: 1000, redAmberMs: 0, allRedMs: 500 }

t.test('the two sets of the protocol fit', async (t) => {
  t.same(faultsOf(ROAD), [])
  t.same(faultsOf(DESK), [])
})

t.test('the two sets are those of docs/protocol.md', async (t) => {
  t.strictSame(Object.values(DEFAULT_CONSTANTS), [500, 2000, 10_000, 0.002, 200, 3000, 1500])
  t.strictSame(Object.values(DEMO_CONSTANTS), [200, 1000, 4000, 0.002, 200, 500, 600])
})

/** A change that breaks one demand, the last value that does not, and what the sentence must say. */
const BROKEN: readonly (readonly [string, Partial<Constants>, Partial<Constants>, ...string[]])[] = [
  ['a dead-man faster than this program has', { lateMs: 199.9 }, { lateMs: 200 }, 'lateMs is 199.9', 'at least 200'],
  [
    'an all-red within the lateness of a red',
    { allRedMs: 200.4 },
    { allRedMs: 200.5 },
    'allRedSeconds is 0.2004',
    'lateMs x (1 + rho), 0.2004 s',
    'longer',
  ],
  [
    'an all-red within the lateness of a red, by round numbers',
    { allRedMs: 1000, lateMs: 1000, rho: 0.000_000_1 },
    { allRedMs: 1000.1, lateMs: 1000, rho: 0.000_000_1 },
    'allRedSeconds is 1',
    '1.0001 s',
  ],
  [
    'an amber within the lateness of a red',
    { amberMs: 800, lateMs: 800 },
    { amberMs: 801, lateMs: 800 },
    'amberSeconds is 0.8',
    'more than lateMs, 0.8 s',
    'make it longer',
  ],
  ['a stale of three heartbeats', { staleMs: 1500 }, { staleMs: 1501 }, 'staleMs is 1500', '3 x heartbeatMs, 1500'],
  [
    'a horizon that does not hold the shortest grant',
    { horizonMs: 7515 },
    { horizonMs: 7516 },
    'horizonMs is 7515',
    '7500',
    'longer',
  ],
  ['an amber that outgrows the horizon', { amberMs: 5480 }, { amberMs: 5479 }, 'horizonMs is 10000', '9980'],
]

for (const [what, broken, sound, ...words] of BROKEN) {
  t.test(`${what} is one fault, said with its field and value, and just less of it is none`, async (t) => {
    const faults = faultsOf({ ...ROAD, ...broken })
    t.equal(faults.length, 1, { faults })
    for (const word of words) t.ok(faults[0]?.includes(word), word, { faults })
    t.same(faultsOf({ ...ROAD, ...sound }), [])
  })
}

t.test('all faults are told at once', async (t) => {
  t.equal(faultsOf({ ...ROAD, lateMs: 100, allRedMs: 50, staleMs: 1, horizonMs: 1 }).length, 4)
})

t.test('a number that is none fits nothing', async () => {
  const fields = [
    'heartbeatMs',
    'staleMs',
    'horizonMs',
    'rho',
    'lateMs',
    'allRedMs',
    'amberMs',
    'redAmberMs',
    'aheadMs',
  ]
  await fc.assert(
    fc.property(fc.constantFrom(...fields), (field) => faultsOf({ ...ROAD, [field]: Number.NaN }).length > 0),
  )
})

t.test('whatever passes keeps the margin on which the proof of the protocol rests', async () => {
  const some = fc.record({
    rho: fc.double({ min: 1e-6, max: 0.1, noNaN: true }),
    lateMs: fc.double({ min: 0, max: 60_000, noNaN: true }),
    allRedMs: fc.integer({ min: 0, max: 60_000 }),
  })
  await fc.assert(
    fc.property(some, (change) => {
      const passes = faultsOf({ ...ROAD, horizonMs: 3_600_000, ...change }).length === 0
      return !passes || change.allRedMs > change.lateMs * (1 + change.rho)
    }),
  )
})
