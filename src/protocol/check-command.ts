/** `crossing check FILE`: is this crossing file sound, what does it say, and which digest do machines compare. */
import type { Call, Command } from '../platform/command.ts'
import { usageError } from '../platform/errors.ts'
import type { Crossing } from './crossing.ts'
import { readCrossing } from './crossing-file.ts'
import { practiceWarnings } from './crossing-practice.ts'

export const command: Command = {
  help: `
Usage: crossing check FILE

Checks a crossing file: prints its lights, its stages, the length of its cycle and
its digest, which all machines of a crossing must have in common, and warns of times
that are not used on roads (MUTCD, UK).

Options:
  -h, --help   show this text

Exit code: 0 the file is sound (with warnings or without), 78 it is not.
`,
  options: {},
  positionals: ['FILE'],
  async run(call) {
    const crossing = await readCrossing(fileOf(call))
    console.log(describeCrossing(crossing).join('\n'))
    return 0
  },
}

function fileOf(call: Call): string {
  const [file] = call.positionals
  if (file === undefined || file === '') throw usageError('FILE is missing')
  return file
}

/** What `crossing check` prints of a sound crossing, line by line. */
export function describeCrossing(crossing: Crossing): string[] {
  const { name, lights, stages, constants, digest } = crossing
  return [
    `crossing: ${name}`,
    `lights: ${lights.join(', ')}`,
    ...stages.map(
      (stage, index) =>
        `stage ${index + 1}: ${stage.name}: ${stage.green.join(', ')}, green ${inSeconds(stage.greenMs)}`,
    ),
    `between stages: amber ${inSeconds(constants.amberMs)}, all red ${inSeconds(constants.allRedMs)}` +
      (constants.redAmberMs > 0 ? `, red and amber ${inSeconds(constants.redAmberMs)}` : ''),
    `cycle: ${inSeconds(cycleMs(crossing))}`,
    `digest: ${digest}`,
    ...practiceWarnings(crossing).map((warning) => `warning: ${warning}`),
  ]
}

/**
 * One turn of the plan, ms, as the controller makes it: a light that is green in every stage is red once a turn, and
 * its next green can only be granted after that.
 */
function cycleMs({ lights, stages, constants }: Crossing): number {
  const { redAmberMs, amberMs, allRedMs, aheadMs } = constants
  const isNeverRed = (light: string): boolean => stages.every(({ green }) => green.includes(light))
  return stages.reduce(
    (sum, { greenMs }) => sum + redAmberMs + greenMs + amberMs + allRedMs,
    lights.some(isNeverRed) ? aheadMs : 0,
  )
}

const inSeconds = (ms: number): string => `${ms / 1000} s`
