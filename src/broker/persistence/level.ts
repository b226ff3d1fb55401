/** The database of a data directory: LevelDB, by npm classic-level. This is the one place that knows it. */
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ClassicLevel } from 'classic-level'
import { configurationError, failure, reasonOf, systemCode } from '../../platform/errors.ts'
import type { Database } from './journal.ts'
import type { Entry } from './records.ts'

type Level = ClassicLevel<string, Buffer>

/** Says that the directory is one of this program, and how its entries are to be read. */
const FORMAT_KEY = 'format'
const FORMAT = '1'

/**
 * Opens the database in `directory`, which is made where it is missing. Throws configurationError where the directory
 * is damaged, is something else, or cannot be written; `failed` where another broker runs on it.
 */
export async function openLevel(directory: string): Promise<Database> {
  await prepare(directory)
  // Native code, loaded by who uses it alone.
  const { ClassicLevel } = await import('classic-level')
  const level: Level = new ClassicLevel(directory, { keyEncoding: 'utf8', valueEncoding: 'buffer' })
  try {
    await level.open()
  } catch (error) {
    throw openingFailure(directory, error)
  }
  try {
    await checkRecovery(directory)
    await checkFormat(directory, level)
  } catch (error) {
    await level.close()
    throw error
  }
  return {
    entries: () => entriesOf(directory, level),
    write: (changes) =>
      level.batch(
        Array.from(changes, ([key, value]) => (value === null ? { type: 'del', key } : { type: 'put', key, value })),
        { sync: true },
      ),
    close: () => level.close(),
  }
}

/** LevelDB would take a directory without its file CURRENT for a new one, and remove files that it does not know. */
async function prepare(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const names = await readdir(directory)
    if (names.length === 0 || names.includes('CURRENT')) return
  } catch (error) {
    throw unusable(directory, error)
  }
  throw configurationError(
    `the data directory ${directory} holds other files, or its file CURRENT is lost: name an empty directory, or put back a copy of this one`,
  )
}

async function* entriesOf(directory: string, level: Level): AsyncIterable<Entry> {
  try {
    for await (const entry of level.iterator()) if (entry[0] !== FORMAT_KEY) yield entry
  } catch (error) {
    throw damaged(directory, reasonOf(error), error)
  }
}

async function checkFormat(directory: string, level: Level): Promise<void> {
  const format = (await level.get(FORMAT_KEY))?.toString()
  if (format === FORMAT) return
  const [first] = await level.keys({ limit: 1 }).all()
  if (format !== undefined || first !== undefined) {
    throw configurationError(
      `the data directory ${directory} was written by another program or a newer version: name an empty directory`,
    )
  }
  try {
    await level.put(FORMAT_KEY, Buffer.from(FORMAT), { sync: true })
  } catch (error) {
    throw unusable(directory, error)
  }
}

/** LevelDB goes on without records of its log that it cannot read, and tells that nobody but its file LOG. */
async function checkRecovery(directory: string): Promise<void> {
  const log = await readFile(join(directory, 'LOG'), 'utf8')
  const lost = [...log.matchAll(/dropping (\d+) bytes; (.*)/g)]
  if (lost.length === 0) return
  const bytes = lost.reduce((sum, [, count]) => sum + Number(count), 0)
  throw configurationError(
    `the data directory ${directory} is damaged: ${bytes} bytes cannot be read (${lost[0]?.[2]}): put back a copy of it, or start again to go on without them`,
  )
}

function openingFailure(directory: string, error: unknown): Error {
  const cause = error instanceof Error ? error.cause : undefined
  switch (systemCode(cause)) {
    case 'LEVEL_LOCKED':
      return failure(
        `the data directory ${directory} is in use: stop the broker that runs on it, or give this one another`,
        error,
      )
    case 'LEVEL_CORRUPTION':
      return damaged(directory, reasonOf(cause), error)
    case 'LEVEL_IO_ERROR':
      // What its files name and is not there is lost; the other errors are the system's.
      if (/No such file/.test(reasonOf(cause))) return damaged(directory, reasonOf(cause), error)
      return unusable(directory, cause)
    default:
      return unusable(directory, cause ?? error)
  }
}

const damaged = (directory: string, reason: string, cause: unknown): Error =>
  configurationError(
    `the data directory ${directory} is damaged (${reason}): put back a copy of it, or move it away to begin with nothing`,
    cause,
  )

const unusable = (directory: string, error: unknown): Error =>
  configurationError(
    `cannot use the data directory ${directory}: ${reasonOf(error)}: name a directory that this user may write`,
    error,
  )
