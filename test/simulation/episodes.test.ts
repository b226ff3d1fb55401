/** The real rules, attacked: a fixed set of seeds of every kind, and what an episode promises of itself. */
import t from 'tap'
import { type EpisodeResult, runEpisode } from '../../src/simulation/episode.ts'
import { KIND_NAMES, type KindName } from '../../src/simulation/kinds.ts'
import { huntFor, MUTANTS } from '../../src/simulation/mutants.ts'
import '../fixtures/background.ts'

/** Episodes of each kind: some tens of seconds of work in all. */
const EPISODES_EACH = 5

const seeds = (from: number): number[] => Array.from({ length: EPISODES_EACH }, (_, index) => from + index)

/** Whose lights or clocks are not what the conflict monitor may rely on. */
const MAY_TRIP: readonly KindName[] = ['liar', 'slow clock']

for (const [index, kind] of KIND_NAMES.entries()) {
  t.test(`the real rules hold in episodes of the kind "${kind}", and trip nothing`, async (t) => {
    for (const seed of seeds(1000 * (index + 1))) {
      const { violation, trip } = await runEpisode({ seed, kind })
      t.equal(violation, null, `crossing simulate, seed ${seed}, kind ${kind}`)
      if (!MAY_TRIP.includes(kind)) t.equal(trip, null, `seed ${seed}, kind ${kind}: no trip`)
    }
  })
}

async function diary(seed: number): Promise<{ readonly lines: readonly string[]; readonly result: EpisodeResult }> {
  const lines: string[] = []
  const result = await runEpisode({ seed, onEvent: (atMs, text) => lines.push(`${atMs} ${text}`) })
  return { lines, result }
}

t.test('the same seed is the same run, to the last bit of every time', async (t) => {
  // At the same time, so that what one waits for cannot order the other's events.
  const [first, second] = await Promise.all([diary(7), diary(7)])
  t.ok(first.lines.length > 100)
  t.strictSame(first.lines, second.lines)
  t.strictSame(first.result, second.result)
  t.not((await diary(8)).lines.join(), first.lines.join(), 'and another seed is another')
})

t.test('whoever listens to an episode does not change it', async (t) => {
  const { result } = await diary(9)
  t.strictSame(await runEpisode({ seed: 9 }), result)
})

t.test('on a healthy network greens lose a round trip at most, and the plan nothing', async (t) => {
  const lost: EpisodeResult['lost'][number][] = []
  for (let seed = 1; seed <= 12; seed++) lost.push(...(await runEpisode({ seed, kind: 'calm' })).lost)
  const late = lost.map(({ startMs }) => startMs).sort((a, b) => a - b)
  const early = lost.map(({ endMs }) => endMs).sort((a, b) => a - b)
  const median = (values: readonly number[]): number => values[Math.floor(values.length / 2)] ?? Number.NaN
  t.ok(lost.length > 30, `${lost.length} greens`)
  t.ok(median(late) < 20, `green begins ${median(late)} ms late`)
  t.ok(median(early) < 15, `and ends ${median(early)} ms early`)
})

t.test('an episode ends with the first thing that is wrong', async (t) => {
  const mutant = MUTANTS.find(({ name }) => name === 'G5 red')
  if (mutant === undefined) throw new RangeError('no such mutant')
  const { violation, simulatedMs } = await runEpisode({ seed: 1, ...huntFor(mutant, 1) })
  t.equal(violation?.check, 'bounds')
  t.equal(simulatedMs, violation?.atMs)
})
