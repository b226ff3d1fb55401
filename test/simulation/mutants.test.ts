/** Every rule left out is caught, and the README's table says so. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runEpisode } from '../../src/simulation/episode.ts'
import { huntFor, MUTANTS, type Mutant } from '../../src/simulation/mutants.ts'
import { ROOT } from '../fixtures/root.ts'
import '../fixtures/background.ts'

/** A row of the README's table: name, what it does, where and in which episode it is caught, and by which check. */
interface Row {
  readonly does: string
  readonly episode: number | null
  readonly outcome: string
}

const table = new Map(
  readFileSync(join(ROOT, 'test/simulation/README.md'), 'utf8')
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter((cells) => cells.length === 7 && cells[1] !== 'mutant' && !cells[1]?.startsWith('-'))
    .map(([, name = '', does = '', kinds = '', episode = '', outcome = '']): [string, Row & { kinds: string }] => [
      name,
      { does, kinds, episode: episode === '' ? null : Number(episode), outcome },
    ]),
)

t.test('the table of mutants in the README is that of the code', (t) => {
  t.strictSame(
    [...table.keys()],
    MUTANTS.map(({ name }) => name),
  )
  for (const { name, does, kinds } of MUTANTS) {
    t.equal(table.get(name)?.does, does, name)
    t.equal(table.get(name)?.kinds, kinds.join(', '), name)
  }
  t.end()
})

/** Episodes in which each has to be caught; most take one or two. */
const EPISODES_MAX = 100

const violationIn = async (mutant: Mutant, seed: number) =>
  (await runEpisode({ seed, ...huntFor(mutant, seed) })).violation

/** Looks first where it was caught when the table was made: a change of the code moves it. */
async function isCaught(mutant: Mutant, likely: number): Promise<boolean> {
  const seeds = Array.from({ length: EPISODES_MAX }, (_, index) => index + 1)
  for (const seed of [likely, ...seeds]) if ((await violationIn(mutant, seed)) !== null) return true
  return false
}

for (const mutant of MUTANTS) {
  const row = table.get(mutant.name)
  if (mutant.coveredBy === undefined) {
    t.test(`the mutant "${mutant.name}" is caught: ${mutant.does}`, async (t) => {
      const likely = row?.episode ?? 0
      t.ok(likely > 0 && likely <= EPISODES_MAX, 'the README gives the episode')
      t.ok(await isCaught(mutant, likely))
    })
  } else {
    const by = mutant.coveredBy
    t.test(`the mutant "${mutant.name}" is covered by ${by}, and the pair of them is caught`, async (t) => {
      t.equal(row?.outcome, `covered by ${by}`)
      t.ok(table.get(`${mutant.name}, ${by}`)?.episode)
      for (const seed of [1, 2, 3]) t.equal(await violationIn(mutant, seed), null, `seed ${seed}`)
    })
  }
}
