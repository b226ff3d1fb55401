/** What every `crossing <command>` shares: its options, help, errors in one line, signals and exit code. */
import { parseArgs } from 'node:util'
import { type Clock, systemClock } from './clock.ts'
import { CrossingError, reasonOf, systemCode, usageError } from './errors.ts'

type OptionShape = { readonly type: 'string' | 'boolean'; readonly multiple?: boolean; readonly short?: string }

/** What a command was called with, after its options were parsed. */
export interface Call {
  /** An option given once, or undefined. */
  option(name: string): string | undefined
  /** All values of an option that may be repeated. */
  options(name: string): readonly string[]
  flag(name: string): boolean
  readonly positionals: readonly string[]
  readonly environment: NodeJS.ProcessEnv
}

export interface Command {
  /** The whole text of `--help`: usage, then every option with unit, default and environment name. */
  readonly help: string
  readonly options: Readonly<Record<string, OptionShape>>
  /** Names of the positional arguments, all required unless the last ends in `?`. */
  readonly positionals: readonly string[]
  /** Does it; resolves with the exit code. Throws CrossingError for what the user can mend. */
  run(call: Call): Promise<number>
}

/** Parses `argv` (without node and script) for `command`, runs it and gives its exit code. */
export async function runCommand(name: string, command: Command, argv: readonly string[]): Promise<number> {
  let isCut = false
  process.stdout.on('error', (error) => {
    // Who ends a pipe has read enough, as `head` does.
    if (isCut || systemCode(error) === 'EPIPE') return
    isCut = true
    process.stderr.write(`crossing ${name}: standard output cannot be written to: ${reasonOf(error)}\n`)
    // Told of the last line, this comes when the exit code is settled.
    process.exitCode = 1
  })
  const code = await exitCodeOf(name, command, argv)
  return isCut ? Math.max(1, code) : code
}

async function exitCodeOf(name: string, command: Command, argv: readonly string[]): Promise<number> {
  try {
    const call = parseCall(command, argv, process.env)
    if (call === 'help') {
      process.stdout.write(`${command.help.trim()}\n`)
      return 0
    }
    return await command.run(call)
  } catch (error) {
    const known = error instanceof CrossingError && error.code !== 'internal'
    const hint = error instanceof CrossingError && error.code === 'usage' ? ` (see 'crossing ${name} --help')` : ''
    const text = known || !(error instanceof Error) ? reasonOf(error) : (error.stack ?? error.message)
    process.stderr.write(`crossing ${name}: ${text}${hint}\n`)
    return error instanceof CrossingError ? error.exitCode : 1
  }
}

/** Parses `argv`; 'help' where that was asked for. Throws usageError where it does not fit `command`. */
export function parseCall(command: Command, argv: readonly string[], environment: NodeJS.ProcessEnv): Call | 'help' {
  const parsed = parse(command, argv)
  if (parsed.values['help'] === true) return 'help'
  const required = command.positionals.filter((positional) => !positional.endsWith('?'))
  const missing = required[parsed.positionals.length]
  if (missing !== undefined) throw usageError(`${missing} is missing`)
  const surplus = parsed.positionals[command.positionals.length]
  if (surplus !== undefined) throw usageError(`unexpected argument '${surplus}'`)
  const all = (name: string): readonly string[] => {
    const value = parsed.values[name]
    return [value].flat().filter((one) => typeof one === 'string')
  }
  return {
    option: (name) => all(name).at(-1),
    options: all,
    flag: (name) => parsed.values[name] === true,
    positionals: parsed.positionals,
    environment,
  }
}

interface Parsed {
  readonly values: Readonly<Record<string, unknown>>
  readonly positionals: readonly string[]
}

function parse(command: Command, argv: readonly string[]): Parsed {
  try {
    const options = { ...command.options, help: { type: 'boolean', short: 'h' } as const }
    return parseArgs({ args: [...argv], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw usageError(reasonOf(error).split('\n')[0]?.split('. To specify')[0] ?? 'cannot read the arguments')
  }
}

/** A whole number within bounds from an option, or `fallback` where it is not given. */
export function wholeNumber(call: Call, name: string, bounds: { min: number; max: number; fallback: number }): number {
  const text = call.option(name)
  if (text === undefined) return bounds.fallback
  const value = Number(text)
  if (!/^\d+$/.test(text) || value < bounds.min || value > bounds.max) {
    throw usageError(`--${name} is '${text}': expected a whole number from ${bounds.min} to ${bounds.max}`)
  }
  return value
}

/**
 * A second request within this time is the first one again, ms: npm passes Ctrl-C on to what it runs, which a terminal
 * has told already.
 */
const SAME_REQUEST_MS = 500

/**
 * Resolves when the command is asked to end: SIGINT, SIGTERM or SIGHUP, or the parent that it was forked by is gone.
 * A second SIGINT or SIGTERM, not just the echo of the first, calls `hurry`, for who will not wait. With `onHangup`,
 * SIGHUP calls that and ends nothing: so services are told to read their files again.
 */
export function untilStopped(
  hurry: () => void,
  clock: Clock = systemClock,
  onHangup: (() => void) | null = null,
): Promise<void> {
  return new Promise((resolve) => {
    let askedMs = Number.POSITIVE_INFINITY
    const stop = (): void => {
      const nowMs = clock.monotonicMs()
      if (nowMs - askedMs > SAME_REQUEST_MS) hurry()
      askedMs = Math.min(askedMs, nowMs)
      resolve()
    }
    process.on('SIGINT', stop)
    process.on('SIGTERM', stop)
    process.on('SIGHUP', onHangup ?? (() => resolve()))
    process.once('disconnect', () => resolve())
    // The parent may be gone already; without one this is undefined.
    if (process.connected === false) resolve()
    // Listening for the end of the channel must not itself keep the process alive.
    process.channel?.unref()
  })
}
