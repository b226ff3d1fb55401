/** Reads users.json, and again whenever it changes. */
import { type FSWatcher, watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import type { Clock } from '../../platform/clock.ts'
import { configurationError, reasonOf, systemCode } from '../../platform/errors.ts'
import type { Logger } from '../../platform/log.ts'
import { parseUsers, type Users } from './users.ts'

/** A users file, bytes: over ten thousand users. */
const FILE_BYTES_MAX = 4 * 1024 * 1024

/** From the first notice of a change to reading it, ms: editors write in several steps. */
const SETTLE_MS = 50

/** The file is looked at this often without any notice, ms: links and network folders change without one. */
const LOOK_MS = 5000

/** Reads the users of `file`. Throws configurationError that says what to do. */
export async function readUsers(file: string): Promise<Users> {
  return parseUsers(await readText(file), file)
}

async function readText(file: string): Promise<string> {
  let bytes: Buffer
  try {
    bytes = await readFile(file)
  } catch (error) {
    throw configurationError(`${file}: ${inWords(error, file)}`, error)
  }
  if (bytes.length > FILE_BYTES_MAX) throw configurationError(`${file}: longer than ${FILE_BYTES_MAX} bytes`)
  return bytes.toString('utf8')
}

function inWords(error: unknown, file: string): string {
  switch (systemCode(error)) {
    case 'ENOENT':
      return `there is no such file: make it with 'crossing user add NAME --role ROLE --users ${file}'`
    case 'EISDIR':
      return 'this is a directory: name a file in it'
    case 'EACCES':
      return 'this user may not read it: change its owner or its permissions'
    default:
      return `cannot be read: ${reasonOf(error)}`
  }
}

export interface UsersWatch extends AsyncDisposable {
  /** The users of the last content without a mistake. */
  readonly users: Users
  /** Reads the file soon, and judges and logs it even where it is as it was. */
  reload(): void
  close(): Promise<void>
}

interface WatchDependencies {
  readonly logger: Logger
  readonly clock: Clock
  /** Called after each change that took effect. */
  readonly onChange: (users: Users) => void
}

/**
 * Reads `file` and follows its changes until closed. A content with a mistake is refused whole, logged once, and the
 * users stay as they were; so they do while the file is missing. Throws configurationError where the first one fails.
 */
export async function watchUsers(file: string, dependencies: WatchDependencies): Promise<UsersWatch> {
  const text = await readText(file)
  return new Watch(file, { text, users: parseUsers(text, file) }, dependencies)
}

class Watch implements UsersWatch {
  users: Users
  readonly #file: string
  readonly #dependencies: WatchDependencies
  readonly #watcher: FSWatcher | null
  /** The last content looked at, with or without a mistake: it is not judged, nor logged, again. null: any is. */
  #text: string | null
  #isReadable = true
  #isReading = false
  #isNoticed = false
  #isClosed = false
  #cancel: () => void = () => {}

  constructor(file: string, first: { text: string; users: Users }, dependencies: WatchDependencies) {
    this.#file = resolve(file)
    this.#text = first.text
    this.users = first.users
    this.#dependencies = dependencies
    this.#watcher = this.#watchFolder()
    // A change between the reading above and the watching is found by the first look.
    this.#lookAfter(SETTLE_MS)
  }

  reload(): void {
    this.#text = null
    this.#isReadable = true
    this.#notice()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#cancel()
    this.#watcher?.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** The folder, not the file: a file that is replaced takes its watcher with it. */
  #watchFolder(): FSWatcher | null {
    const name = basename(this.#file)
    try {
      const watcher = watch(dirname(this.#file), (_event, changed) => {
        if (changed === null || changed === name) this.#notice()
      })
      return watcher.on('error', (error) => this.#logUnwatched(error))
    } catch (error) {
      this.#logUnwatched(error)
      return null
    }
  }

  #logUnwatched(error: unknown): void {
    const fields = { file: this.#file, reason: reasonOf(error), lookedAtEveryMs: LOOK_MS }
    this.#dependencies.logger.warn(fields, 'users_file_unwatched')
  }

  /** Further notices do not put off the reading: in a busy folder it would never come. */
  #notice(): void {
    if (this.#isNoticed) return
    this.#isNoticed = true
    if (!this.#isReading) this.#lookAfter(SETTLE_MS)
  }

  #lookAfter(delayMs: number): void {
    this.#cancel()
    if (!this.#isClosed) this.#cancel = this.#dependencies.clock.after(delayMs, () => void this.#look())
  }

  async #look(): Promise<void> {
    this.#isNoticed = false
    this.#isReading = true
    try {
      const text = await readText(this.#file)
      this.#isReadable = true
      if (!this.#isClosed && text !== this.#text) this.#take(text)
    } catch (error) {
      this.#logUnreadable(error)
    }
    this.#isReading = false
    this.#lookAfter(this.#isNoticed ? SETTLE_MS : LOOK_MS)
  }

  #take(text: string): void {
    const { logger, onChange } = this.#dependencies
    this.#text = text
    try {
      this.users = parseUsers(text, this.#file)
    } catch (error) {
      logger.error({ file: this.#file, reason: reasonOf(error) }, 'users_file_refused')
      return
    }
    logger.info({ file: this.#file, users: this.users.size }, 'users_file_read')
    onChange(this.users)
  }

  #logUnreadable(error: unknown): void {
    if (this.#isReadable && !this.#isClosed) {
      this.#dependencies.logger.warn({ file: this.#file, reason: reasonOf(error) }, 'users_file_unreadable')
    }
    this.#isReadable = false
  }
}
