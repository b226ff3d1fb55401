/** `crossing simulate`: runs the real lamps and controllers on simulated time, and attacks them. */

import { systemClock } from '../platform/clock.ts'
import { type Call, type Command, wholeNumber } from '../platform/command.ts'
import { usageError } from '../platform/errors.ts'
import type { Crossing } from '../protocol/crossing.ts'
import { readCrossing } from '../protocol/crossing-file.ts'
import { drawEnd } from './diagram.ts'
import { type EpisodeOptions, type EpisodeResult, runEpisode } from './episode.ts'
import { huntFor, MUTANTS, type Mutant } from './mutants.ts'

/** Progress is drawn this often, ms. */
const PROGRESS_MS = 200

export const command: Command = {
  help: `
Usage: crossing simulate [options]

Runs the lamps and controllers of this program on simulated clocks and a simulated
network that loses, copies, delays and replays messages, with processes that stop, die
and start again, and looks at every display all the time. An episode follows from its
seed alone: the same seed is the same run on any machine.

Options:
  --episodes N      how many episodes (default 200: some minutes of work, hours of traffic)
  --from SEED       the seed of the first; the others follow it (default 1)
  --crossing FILE   this crossing in every episode (default: one drawn from the seed)
  --mutant NAME     leave out a rule of the protocol, to see that it is needed
  --mutants         list the mutants
  -h, --help        show this text

Exit code: 0 nothing was found, 1 a rule of the road was broken (with the seed, the
command that replays it, and the last seconds), 2 bad usage, 78 bad crossing file.
`,
  options: {
    episodes: { type: 'string' },
    from: { type: 'string' },
    crossing: { type: 'string' },
    mutant: { type: 'string' },
    mutants: { type: 'boolean' },
  },
  positionals: [],
  async run(call) {
    if (call.flag('mutants')) {
      for (const { name, does } of MUTANTS) console.log(`${name.padEnd(NAME_WIDTH)}${does}`)
      return 0
    }
    const file = call.option('crossing')
    const crossing = file === undefined ? null : await readCrossing(file)
    return simulate({
      from: wholeNumber(call, 'from', { min: 0, max: Number.MAX_SAFE_INTEGER, fallback: 1 }),
      episodes: wholeNumber(call, 'episodes', { min: 1, max: 1e9, fallback: 200 }),
      mutant: mutantOf(call),
      crossing,
      replay: file === undefined ? '' : ` --crossing ${file}`,
    })
  },
}

const NAME_WIDTH = 2 + Math.max(...MUTANTS.map(({ name }) => name.length))

function mutantOf(call: Call): Mutant | null {
  const name = call.option('mutant')
  if (name === undefined) return null
  const mutant = MUTANTS.find((one) => one.name === name)
  if (mutant === undefined) throw usageError(`--mutant is '${name}': expected one of those that --mutants lists`)
  return mutant
}

interface Campaign {
  readonly from: number
  readonly episodes: number
  readonly mutant: Mutant | null
  readonly crossing: Crossing | null
  /** What has to be added to the command that replays an episode. */
  readonly replay: string
}

async function simulate(campaign: Campaign): Promise<number> {
  const { from, episodes } = campaign
  const startedAt = systemClock.monotonicMs()
  const isTerminal = process.stderr.isTTY === true
  let drawnAt = startedAt
  let simulatedMs = 0
  for (let done = 0; done < episodes; done++) {
    const options = optionsOf(campaign, from + done)
    const result = await runEpisode(options)
    simulatedMs += result.simulatedMs
    const now = systemClock.monotonicMs()
    if (isTerminal && now - drawnAt > PROGRESS_MS) {
      drawnAt = now
      process.stderr.write(`\r${progressBar(done + 1, episodes)} ${hours(simulatedMs)} h`)
    }
    if (result.violation === null) continue
    if (isTerminal) process.stderr.write('\n')
    console.log((await describe(campaign, options, result)).join('\n'))
    console.log(`${summary(done + 1, simulatedMs, now - startedAt)}, 1 violation`)
    return 1
  }
  if (isTerminal) process.stderr.write('\n')
  console.log(`${summary(episodes, simulatedMs, systemClock.monotonicMs() - startedAt)}, 0 violations`)
  return 0
}

function optionsOf({ mutant, crossing }: Campaign, seed: number): EpisodeOptions {
  return { seed, ...(mutant === null ? {} : huntFor(mutant, seed)), ...(crossing === null ? {} : { crossing }) }
}

async function describe(
  { mutant, replay }: Campaign,
  options: EpisodeOptions,
  result: EpisodeResult,
): Promise<string[]> {
  const { seed, kind, violation } = result
  const without = mutant === null ? '' : ` --mutant '${mutant.name}'`
  return [
    ...(await drawEnd(options)),
    '',
    ...(mutant === null ? [] : [`without ${mutant.name}: ${mutant.does}`]),
    `${violation?.check}: ${violation?.text}`,
    `seed ${seed} (${kind}) after ${((violation?.atMs ?? 0) / 1000).toFixed(3)} s; replay it with`,
    `  crossing simulate --from ${seed} --episodes 1${without}${replay}`,
  ]
}

function summary(episodes: number, simulatedMs: number, tookMs: number): string {
  const speed = Math.round(simulatedMs / Math.max(1, tookMs))
  return `${episodes} episodes, ${hours(simulatedMs)} simulated hours in ${(tookMs / 1000).toFixed(1)} s (${speed} times real time)`
}

const hours = (ms: number): string => (ms / 3_600_000).toFixed(1)

const BAR_WIDTH = 40

function progressBar(done: number, of: number): string {
  const full = Math.floor((BAR_WIDTH * done) / of)
  return `[${'#'.repeat(full)}${' '.repeat(BAR_WIDTH - full)}] ${done}/${of}`
}
