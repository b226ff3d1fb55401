import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openUserDirectory } from '../../../../src/broker/auth/user-directory.ts'
import { encodeUsers, type Users } from '../../../../src/broker/auth/users.ts'
import { systemClock } from '../../../../src/platform/clock.ts'
import { RecordingLogger, usersOf } from '../../../fixtures/broker-pair.ts'

/** The directory of a file of `mode`. */
async function directoryOf(t: Test, users: Users, mode: number) {
  const file = join(t.testdir({ 'users.json': encodeUsers(users) }), 'users.json')
  chmodSync(file, mode)
  const logger = new RecordingLogger()
  const changes: Users[] = []
  const onChange = (changed: Users): void => void changes.push(changed)
  const given = { users: file, accounts: usersOf({ run: {} }) }
  const directory = await openUserDirectory(given, { logger, clock: systemClock, onChange })
  t.teardown(() => directory.close())
  return { directory, file, logger, changes }
}

const WARNING = 'users_file_readable_by_others'

t.test('a file that others can read is warned of, with the command that closes it', async (t) => {
  for (const mode of [0o644, 0o604, 0o602, 0o606]) {
    const { logger, file } = await directoryOf(t, usersOf({ ann: {}, light1: { demo: true } }), mode)
    t.match(logger.of(WARNING), [{ file, remedy: `chmod 600 ${file}` }])
  }
})

t.test('a file of its owner, or of its group, is not warned of', async (t) => {
  for (const mode of [0o600, 0o640, 0o400]) {
    const { logger } = await directoryOf(t, usersOf({ ann: {} }), mode)
    t.strictSame(logger.of(WARNING), [])
  }
})

t.test('demo accounts are known to all the world anyway', async (t) => {
  const { logger } = await directoryOf(t, usersOf({ light1: { demo: true } }), 0o644)
  t.strictSame(logger.of(WARNING), [])
})

t.test('it is warned of again where the file is changed and still open', async (t) => {
  const { file, logger, changes } = await directoryOf(t, usersOf({ light1: { demo: true } }), 0o644)
  writeFileSync(file, encodeUsers(usersOf({ ann: {} })))
  t.match(await logger.waitFor(WARNING), [{ file }])
  t.strictSame(
    [...(changes[0] ?? [])].map(([name]) => name),
    ['ann', 'run'],
  )
})

t.test('told to, it reads its file again; without a file there is nothing to read', async (t) => {
  const { directory, logger } = await directoryOf(t, usersOf({ ann: {} }), 0o600)
  directory.reload()
  await logger.waitFor('users_file_read')
  const dependencies = { logger, clock: systemClock, onChange: () => t.fail('nothing changes') }
  const fixed = await openUserDirectory({ users: usersOf({ ann: {} }), accounts: new Map() }, dependencies)
  fixed.reload()
  await fixed.close()
  t.strictSame([...fixed.users.keys()], ['ann'])
})
