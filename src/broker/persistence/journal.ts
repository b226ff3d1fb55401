/**
 * Writes what is kept to a database, behind the messages: nobody waits for the disk but who wants to know that
 * something is safe. What changes while one write is under way goes in the next one, together.
 *
 * A database that fails (a full disk) is not the end of the broker, which has everything in memory: it goes on, and
 * every now and then the database is opened again and given all of it anew. What the failed writes left behind in the
 * file is not trusted: LevelDB may lose what is appended after a torn record.
 */
import type { Clock } from '../../platform/clock.ts'
import { reasonOf } from '../../platform/errors.ts'
import type { Logger } from '../../platform/log.ts'
import type { Entry } from './records.ts'

/** What is used of a database. */
export interface Database {
  /** All that is in it, in the order of the keys. */
  entries(): AsyncIterable<Entry>
  /** Writes all or nothing, and to the disk itself; null takes a key out. */
  write(changes: ReadonlyMap<string, Buffer | null>): Promise<void>
  close(): Promise<void>
}

/** Where what is kept goes. */
export interface Journal {
  /** What it holds from before; to be read to its end before anything is put. */
  open(): AsyncIterable<Entry>
  put(entry: Entry): void
  delete(key: string): void
  /** Resolves once all that was put before is safe, or cannot be. */
  written(): Promise<void>
  /** Writes what is left. */
  close(): Promise<void>
  /** Times that it failed. */
  readonly failures: number
}

/** Keeps nothing beyond the process. */
export const NO_JOURNAL: Journal = {
  async *open() {},
  put() {},
  delete() {},
  written: () => Promise.resolve(),
  close: () => Promise.resolve(),
  failures: 0,
}

interface JournalDependencies {
  readonly openDatabase: () => Promise<Database>
  /** All that there is to keep, now. */
  readonly everything: () => Iterable<Entry>
  readonly logger: Logger
  readonly clock: Clock
}

/** From a failed write to the next attempt, ms. */
const RETRY_MS = 10_000

export class DatabaseJournal implements Journal {
  readonly #dependencies: JournalDependencies
  #database: Database | null = null
  #changes = new Map<string, Buffer | null>()
  /** The write under way, or the last one. */
  #write: Promise<void> = Promise.resolve()
  /** The one that comes after it; null where nothing has changed since. */
  #nextWrite: Promise<void> | null = null
  #isFailing = false
  #cancelRetry: () => void = () => {}
  #isClosed = false
  failures = 0

  constructor(dependencies: JournalDependencies) {
    this.#dependencies = dependencies
  }

  async *open(): AsyncIterable<Entry> {
    this.#database = await this.#dependencies.openDatabase()
    yield* this.#database.entries()
  }

  put([key, value]: Entry): void {
    this.#change(key, value)
  }

  delete(key: string): void {
    this.#change(key, null)
  }

  written(): Promise<void> {
    return this.#nextWrite ?? this.#write
  }

  async close(): Promise<void> {
    await this.written()
    this.#isClosed = true
    this.#cancelRetry()
    if (this.#isFailing) await this.#recover()
    await this.#database?.close()
    this.#database = null
  }

  #change(key: string, value: Buffer | null): void {
    // While it fails everything is in memory, and is written whole at the end of that.
    if (this.#isFailing || this.#isClosed || this.#database === null) return
    this.#changes.set(key, value)
    this.#nextWrite ??= this.#write.then(() => this.#writeChanges())
  }

  #writeChanges(): Promise<void> {
    const changes = this.#changes
    this.#changes = new Map()
    this.#write = this.#tryToWrite(changes)
    this.#nextWrite = null
    return this.#write
  }

  async #tryToWrite(changes: ReadonlyMap<string, Buffer | null>): Promise<void> {
    try {
      await this.#database?.write(changes)
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    const { logger, clock } = this.#dependencies
    this.failures += 1
    this.#isFailing = true
    this.#changes.clear()
    const remedy = 'make room on the disk; until then nothing outlives the broker'
    logger.error({ reason: reasonOf(error), remedy }, 'store_failed')
    if (!this.#isClosed) this.#cancelRetry = clock.after(RETRY_MS, () => void this.#recover())
  }

  async #recover(): Promise<void> {
    const { openDatabase, everything, logger } = this.#dependencies
    try {
      await this.#database?.close()
      this.#database = null
      const database = await openDatabase()
      this.#database = database
      const changes = new Map<string, Buffer | null>()
      for await (const [key] of database.entries()) changes.set(key, null)
      for (const [key, value] of everything()) changes.set(key, value)
      // From here on changes are collected again: all before them is in this write.
      this.#isFailing = false
      this.#write = database.write(changes)
      await this.#write
      logger.info({}, 'store_recovered')
    } catch (error) {
      this.#write = Promise.resolve()
      this.#fail(error)
    }
  }
}
