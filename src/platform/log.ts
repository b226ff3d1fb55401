import { Writable } from 'node:stream'
import { pino } from 'pino'

/** What this project asks of a logger; one of pino's fits. One call is one fact: its fields, then its name. */
export interface Logger {
  debug(fields: object, event: string): void
  info(fields: object, event: string): void
  warn(fields: object, event: string): void
  error(fields: object, event: string): void
}

const nothing = (): void => {}

/** The default of the library: says nothing. */
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing }

/**
 * The logger of a command: to stderr, pretty on a terminal, else JSON lines. A log that cannot be written (a full
 * disk, a closed pipe) is lost and nothing else.
 */
export async function commandLogger(name: string, environment: NodeJS.ProcessEnv = process.env): Promise<Logger> {
  const level = environment['LOG_LEVEL'] ?? 'info'
  process.stderr.on('error', nothing)
  // The stream is not passed itself: pino would end the process's stderr with its own.
  const stderr = new Writable({
    decodeStrings: false,
    write(line, _encoding, done) {
      if (process.stderr.writable && process.stderr.writableLength < BACKLOG_BYTES_MAX) process.stderr.write(line)
      done()
    },
  })
  const options = { name, level: Object.hasOwn(pino.levels.values, level) ? level : 'info', base: { name } }
  if (!process.stderr.isTTY) return onlyLogging(pino(options, stderr))
  const { default: pretty } = await import('pino-pretty')
  const colorize = environment['NO_COLOR'] === undefined || environment['NO_COLOR'] === ''
  const lines = pretty({ destination: stderr, colorize, ignore: 'name', translateTime: 'HH:MM:ss', sync: true })
  return onlyLogging(pino(options, lines))
}

/** Just the four calls: a whole pino cannot be the result of an async function, by its type. */
const onlyLogging = (logger: Logger): Logger => ({
  debug: (fields, event) => logger.debug(fields, event),
  info: (fields, event) => logger.info(fields, event),
  warn: (fields, event) => logger.warn(fields, event),
  error: (fields, event) => logger.error(fields, event),
})

/** Lines that a reader of stderr has not taken yet, bytes: over it they are lost, so that a stuck reader costs no memory. */
const BACKLOG_BYTES_MAX = 256 * 1024
