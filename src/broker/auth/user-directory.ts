/** Everybody who may log in: the users of a file or a program, and accounts that live as long as the broker. */
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/log.ts'
import { warnIfExposed } from './file-exposure.ts'
import type { Users } from './users.ts'
import { watchUsers } from './users-file.ts'

export interface UserDirectory {
  /** Everybody, at the time it was opened. */
  readonly users: Users
  /** Reads the file again, soon; where there is none, does nothing. */
  reload(): void
  close(): Promise<void>
}

interface DirectoryDependencies {
  readonly logger: Logger
  readonly clock: Clock
  /** Called with everybody after each change. */
  readonly onChange: (users: Users) => void
}

/** `users` is the path of a users file, which is followed, or the users themselves; `accounts` win over them. */
export async function openUserDirectory(
  { users, accounts }: { readonly users: string | Users; readonly accounts: Users },
  { logger, clock, onChange }: DirectoryDependencies,
): Promise<UserDirectory> {
  const everybody = (known: Users): Users => new Map([...known, ...accounts])
  if (typeof users !== 'string') return { users: everybody(users), reload: () => {}, close: async () => {} }
  const take = (known: Users): void => {
    onChange(everybody(known))
    void warnIfExposed(users, known, logger)
  }
  const watch = await watchUsers(users, { logger, clock, onChange: take })
  await warnIfExposed(users, watch.users, logger)
  return { users: everybody(watch.users), reload: () => watch.reload(), close: () => watch.close() }
}
