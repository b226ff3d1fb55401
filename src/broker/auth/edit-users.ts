/** Changes users.json: whole or not at all, one edit after the other. */
import { realpath } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import writeFileAtomic from 'write-file-atomic'
import { CrossingError, failure, reasonOf, systemCode } from '../../platform/errors.ts'
import { withAbstractLock } from '../../platform/file-lock.ts'
import { encodeUsers, parseUsers, type Users } from './users.ts'
import { readUsers } from './users-file.ts'

/** The broker alone reads it: hashes can be attacked wherever they are seen. */
const FILE_MODE = 0o600

/** Whether a file that is missing is made, or is an error. */
export type Missing = 'create' | 'refuse'

/**
 * Replaces the users of `file` by what `edit` makes of them. Edits at the same time, in any process of this machine,
 * wait for each other, so that none is lost. Throws what `edit` throws, and then changes nothing.
 */
export async function editUsers(file: string, missing: Missing, edit: (users: Users) => Users): Promise<void> {
  const path = await realPath(file)
  await withAbstractLock(`crossing-users/${path}`, async () => {
    const text = encodeUsers(edit(await usersOf(path, missing)))
    // Read back before it is written: a name or a filter that the broker would refuse never reaches the file.
    parseUsers(text, file)
    await write(path, text)
  })
}

/** The name that all ways to the file share. */
async function realPath(file: string): Promise<string> {
  try {
    return await realpath(file)
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw failure(`${file}: ${reasonOf(error)}`, error)
  }
  try {
    return join(await realpath(dirname(file)), basename(file))
  } catch (error) {
    throw failure(`${file}: the folder ${dirname(file)} cannot be used: ${reasonOf(error)}`, error)
  }
}

async function usersOf(path: string, missing: Missing): Promise<Users> {
  try {
    return await readUsers(path)
  } catch (error) {
    const isMissing = error instanceof CrossingError && systemCode(error.cause) === 'ENOENT'
    if (isMissing && missing === 'create') return new Map()
    throw error
  }
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFileAtomic(path, text, { mode: FILE_MODE })
  } catch (error) {
    throw failure(`${path}: cannot be written: ${reasonOf(error)}; nothing was changed`, error)
  }
}
