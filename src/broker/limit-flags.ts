/** The limits of a broker as a command line gives them: `--limit NAME=NUMBER`, as often as needed. */
import { usageError } from '../platform/errors.ts'
import { type BrokerLimits, DEFAULT_LIMITS } from './limits.ts'

/** All names with their defaults, for `--help`. */
export const LIMITS_HELP = Object.entries(DEFAULT_LIMITS)
  .map(([name, value]) => `  ${name.padEnd(26)}${value}`)
  .join('\n')

/** Throws usageError for a name that is none, or a value that cannot be a limit. */
export function parseLimits(flags: readonly string[]): Partial<BrokerLimits> {
  const limits: Partial<Record<keyof BrokerLimits, number>> = {}
  for (const flag of flags) {
    const [name = '', text = ''] = flag.split('=', 2)
    if (!isLimitName(name)) {
      throw usageError(`--limit ${flag}: there is no limit '${name}': expected NAME=NUMBER, as --help lists them`)
    }
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < 1 || !Number.isSafeInteger(value)) {
      throw usageError(`--limit ${flag}: '${text}' cannot be a limit: expected a whole number above 0`)
    }
    limits[name] = value
  }
  return limits
}

const isLimitName = (name: string): name is keyof BrokerLimits => Object.hasOwn(DEFAULT_LIMITS, name)
