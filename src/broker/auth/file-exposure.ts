/** Whether others on this machine can read the users file: hashes can be attacked wherever they are seen. */
import { stat } from 'node:fs/promises'
import type { Logger } from '../../platform/log.ts'
import { demoAccountsOf } from '../exposure.ts'
import type { Users } from './users.ts'

/** Read, write and search of who is neither owner nor group. */
const MODE_OTHERS = 0o007

/** The command that closes `file` to others; null where it is closed. Throws where the file is not there. */
export async function remedyForExposed(file: string): Promise<string | null> {
  const { mode } = await stat(file)
  return (mode & MODE_OTHERS) === 0 ? null : `chmod 600 ${file}`
}

/** Warns of a file that others can read, unless all it holds are demo accounts, which are known to all the world. */
export async function warnIfExposed(file: string, users: Users, logger: Logger): Promise<void> {
  if (demoAccountsOf(users).length === users.size) return
  const remedy = await remedyForExposed(file).catch(() => null)
  if (remedy !== null) logger.warn({ file, remedy }, 'users_file_readable_by_others')
}
