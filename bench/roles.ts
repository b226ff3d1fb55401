/** Which of a demo's processes is which, by their command lines. */
import type { Process } from './processes.ts'

/** `demo`, `broker`, `controller`, `light1`, or `lamp of light1`. */
export function roleOf(process: Process, family: readonly Process[]): string {
  // Behind node and its own options.
  const [program = '', command = '', light = ''] = process.argv.slice(1).filter((option) => !option.startsWith('-'))
  if (!program.endsWith('lamp-process.js')) return command === 'light' ? light : command
  const parent = family.find(({ pid }) => pid === process.parent)
  return parent === undefined ? 'lamp' : `lamp of ${roleOf(parent, family)}`
}

/** The lamp of a light. Throws where it has none just now. */
export function lampOf(family: readonly Process[], light: string): Process {
  const lamp = family.find((process) => roleOf(process, family) === `lamp of ${light}`)
  if (lamp === undefined) throw new Error(`light '${light}' has no lamp`)
  return lamp
}
