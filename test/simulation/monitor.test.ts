/**
 * The conflict monitor in the simulation: broken controllers that it must catch, and others that it must let be. (That the
 * real rules never trip it is seen in every episode of episodes.test.ts.)
 */
import t from 'tap'
import { runEpisode } from '../../src/simulation/episode.ts'
import { overlappingFor } from '../../src/simulation/mutants/monitor-mutants.ts'
import { REAL_WAYS } from '../../src/simulation/ways.ts'
import '../fixtures/background.ts'

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8]

const trips = async (overlapMs: number): Promise<readonly (string | null)[]> =>
  Promise.all(
    SEEDS.map(async (seed) => {
      const { trip, violation } = await runEpisode({
        seed,
        kind: 'overlaps',
        ways: overlappingFor(overlapMs)(REAL_WAYS),
      })
      t.equal(violation, null, `seed ${seed}: what it did was right`)
      return trip
    }),
  )

t.test('controllers that let stages overlap for half a second are caught, whatever the crossing', async (t) => {
  for (const trip of await trips(520)) t.match(trip, /non-red together for \d+ ms at least/)
})

t.test('an overlap of less than 200 ms trips nothing', async (t) => {
  for (const trip of await trips(190)) t.equal(trip, null)
})
