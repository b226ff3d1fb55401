/** A crossing: its lights, which of them conflict, its plan and its constants, as its file gives them. */
import { createHash } from 'node:crypto'
import { configurationError } from '../platform/errors.ts'
import { type Constants, faultsOf } from './constants.ts'
import { layoutFaults, pairOf } from './crossing-layout.ts'
import { shapeFaults } from './crossing-mistakes.ts'
import { type CrossingFile, conflictsOf, constantsOf, type Stage, stagesOf, timesShape } from './crossing-parts.ts'
import { crossingShape } from './crossing-shape.ts'

export type { CrossingFile, Stage } from './crossing-parts.ts'

export interface Crossing {
  readonly name: string
  readonly lights: readonly string[]
  /** The plan: these in turn, for ever. */
  readonly stages: readonly Stage[]
  /** For each light those that must be red while it is not. If a is among those of b, b is among those of a. */
  readonly conflicting: ReadonlyMap<string, readonly string[]>
  readonly constants: Constants
  /** SHA-256 of what lamps and controllers must agree on, 64 hexadecimal digits: see `digestOf`. */
  readonly digest: string
  /** What `parseCrossing` was given, for viewers: parsed again, it gives the same crossing. */
  readonly file: CrossingFile
}

/** Mistakes listed in one message. A file of garbage has thousands. */
const MISTAKES_SHOWN_MAX = 20

const layoutShape = crossingShape.pick({ lights: true, stages: true, compatible: true, arms: true }).strip()

/**
 * Reads the content of a crossing file. `source` names it in messages. Throws configurationError with every mistake:
 * its field, the value, what was expected and what to change.
 */
export function parseCrossing(value: unknown, source: string): Crossing {
  const parsed = crossingShape.safeParse(value)
  // The parts are read on their own too, so that a slip in one does not hide the mistakes in the other.
  const layout = layoutShape.safeParse(value)
  const times = timesShape.safeParse(value)
  const faults = [
    ...(parsed.success ? [] : shapeFaults(parsed.error, value)),
    ...(layout.success ? layoutFaults(layout.data) : []),
    ...(times.success ? faultsOf(constantsOf(times.data)) : []),
  ]
  if (!parsed.success || faults.length > 0) throw configurationError(`${source}: ${listOf(faults)}`)
  const { $schema: _forEditors, ...file } = parsed.data
  const constants = constantsOf(file)
  return {
    name: file.crossing,
    lights: file.lights,
    stages: stagesOf(file),
    conflicting: conflictsOf(file),
    constants,
    digest: digestOf(file.lights, file.compatible, constants),
    file,
  }
}

function listOf(faults: readonly string[]): string {
  const [only, ...others] = faults
  if (only !== undefined && others.length === 0) return only
  const surplus = faults.length - MISTAKES_SHOWN_MAX
  const shown = faults.slice(0, MISTAKES_SHOWN_MAX).concat(surplus > 0 ? [`and ${surplus} more`] : [])
  return `${faults.length} mistakes\n${shown.map((fault) => `  ${fault}`).join('\n')}`
}

/**
 * SHA-256, 64 hexadecimal digits, of canonical JSON of what lamps and controllers must agree on to be safe. The order of
 * lights, of pairs and within a pair does not matter; names of crossing and stages, the plan and the arms are
 * not part of it.
 */
export function digestOf(
  lights: readonly string[],
  compatible: readonly (readonly [string, string])[],
  constants: Constants,
): string {
  const canonical = JSON.stringify({
    compatible: compatible
      .map(pairOf)
      .sort()
      .map((pair) => pair.split(' ')),
    constants: Object.fromEntries(Object.entries(constants).sort(([a], [b]) => (a < b ? -1 : 1))),
    lights: lights.toSorted(),
  })
  return createHash('sha256').update(canonical).digest('hex')
}

/** The crossing used where no file is given: two lights, each of which changes every 3 s. As crossings/demo.json. */
export const DEMO_CROSSING: Crossing = parseCrossing(
  {
    crossing: 'demo',
    lights: ['light1', 'light2'],
    stages: [
      { name: 'one', green: ['light1'], seconds: 1.5 },
      { name: 'two', green: ['light2'], seconds: 1.5 },
    ],
    compatible: [],
    amberSeconds: 1,
    redAmberSeconds: 0,
    allRedSeconds: 0.5,
    constants: 'demo',
  },
  'the built-in crossing',
)
