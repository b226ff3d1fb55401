/** Shows what the demo's processes log, where their log may not run through the picture. */
import { lineSplitter } from '../clients/display/lines.ts'
import type { Logger } from '../platform/log.ts'

/** The levels of a pino log that are shown; less is for who asks a process of its own. */
const LEVELS: ReadonlyMap<unknown, 'warn' | 'error'> = new Map([
  [40, 'warn'],
  [50, 'error'],
  [60, 'error'],
])

/** A line of a stack trace is longer than one of the log. */
const LINE_CHARACTERS_MAX = 16 * 1024

/** Takes the stderr of process `from` as it comes. */
export function relayLog(from: string, logger: Logger): (chunk: Uint8Array) => void {
  return lineSplitter((line) => {
    const fields = fieldsOf(line)
    if (fields === null) return logger.error({ from, line }, 'not_a_log_line')
    const { level, time: _time, name: _name, msg, ...rest } = fields
    const shown = LEVELS.get(level)
    if (shown !== undefined) logger[shown]({ from, ...rest }, String(msg))
  }, LINE_CHARACTERS_MAX)
}

function fieldsOf(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? { ...value } : null
  } catch {
    return null
  }
}
