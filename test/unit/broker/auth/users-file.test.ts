import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { encodeUsers, type Users } from '../../../../src/broker/auth/users.ts'
import { readUsers, watchUsers } from '../../../../src/broker/auth/users-file.ts'
import { type Clock, systemClock } from '../../../../src/platform/clock.ts'
import { RecordingLogger, usersOf } from '../../../fixtures/broker-pair.ts'
import { ROOT } from '../../../fixtures/root.ts'

const textOf = (...names: string[]): string => encodeUsers(usersOf(Object.fromEntries(names.map((name) => [name, {}]))))

/** Follows `file` until the test ends; `changed` resolves with the names of the next users that take effect. */
async function follow(t: Test, file: string, clock: Clock = systemClock) {
  const logger = new RecordingLogger()
  const changes: Users[] = []
  const watch = await watchUsers(file, { logger, clock, onChange: (users) => changes.push(users) })
  t.teardown(() => watch.close())
  const names = (): string[] => [...watch.users.keys()]
  const readTimes = async (count: number): Promise<string[]> => {
    await logger.waitFor('users_file_read', count)
    return names()
  }
  return { watch, logger, changes, names, readTimes }
}

/** A clock whose delays pass when they are told to. */
class SkippingClock implements Clock {
  readonly monotonicMs = systemClock.monotonicMs
  readonly wallMs = systemClock.wallMs
  readonly delays: number[] = []
  #task: () => void = () => {}
  #onDelay: () => void = () => {}

  after(delayMs: number, task: () => void): () => void {
    this.delays.push(delayMs)
    this.#task = task
    this.#onDelay()
    return () => {
      this.#task = () => {}
    }
  }

  /** Does what waits, and resolves when it waits again. */
  skip(): Promise<void> {
    return new Promise((resolve) => {
      this.#onDelay = resolve
      this.#task()
    })
  }
}

t.test('a file that cannot be read is an error that says what to do', async (t) => {
  const folder = t.testdir({ long: 'x'.repeat(4 * 1024 * 1024 + 1), folder: {} })
  const refusal = (name: string, pattern: RegExp) =>
    t.rejects(readUsers(join(folder, name)), { code: 'configuration', message: pattern })
  await refusal('missing', /missing: there is no such file: make it with 'crossing user add/)
  await refusal('folder', /this is a directory/)
  await refusal('long', /longer than/)
  await refusal('folder/x/y', /no such file/)
  await refusal('long/x', /cannot be read: ENOTDIR/)
  await t.rejects(
    watchUsers(join(folder, 'missing'), { logger: new RecordingLogger(), clock: systemClock, onChange: () => {} }),
  )
})

t.test('a file that may not be read is an error that says what to do', async (t) => {
  const { readUsers: readForbidden } = await t.mockImport<typeof import('../../../../src/broker/auth/users-file.ts')>(
    join(ROOT, 'dist/broker/auth/users-file.js'),
    { 'node:fs/promises': { readFile: () => Promise.reject(Object.assign(new Error('EACCES'), { code: 'EACCES' })) } },
  )
  await t.rejects(readForbidden('users.json'), { code: 'configuration', message: /may not read it: change its owner/ })
})

t.test('a change is taken up, written in place or replaced', async (t) => {
  const folder = t.testdir({ 'users.json': textOf('ann') })
  const file = join(folder, 'users.json')
  const { readTimes, names, changes } = await follow(t, file)
  t.strictSame(names(), ['ann'])
  writeFileSync(file, textOf('ann', 'bob'))
  t.strictSame(await readTimes(1), ['ann', 'bob'])
  writeFileSync(join(folder, 'new'), textOf('cid'))
  renameSync(join(folder, 'new'), file)
  t.strictSame(await readTimes(2), ['cid'])
  writeFileSync(join(folder, 'new'), textOf('dan'))
  renameSync(join(folder, 'new'), file)
  t.strictSame(await readTimes(3), ['dan'])
  t.equal(changes.length, 3)
})

t.test('a file with a mistake is refused whole and logged once, and the users stay', async (t) => {
  const file = join(t.testdir({ 'users.json': textOf('ann') }), 'users.json')
  const clock = new SkippingClock()
  const { logger, names, changes } = await follow(t, file, clock)
  writeFileSync(file, textOf('bob').replace('"hash"', '"hsah"'))
  await clock.skip()
  await clock.skip()
  await clock.skip()
  t.strictSame(names(), ['ann'])
  t.match(logger.of('users_file_refused'), [{ file, reason: /users\.bob\.hash is missing/ }])
  writeFileSync(file, '{\n  "users": }')
  await clock.skip()
  t.match(logger.of('users_file_refused')[1], { reason: /line 2/ })
  writeFileSync(file, textOf('ann', 'bob'))
  await clock.skip()
  t.strictSame(names(), ['ann', 'bob'])
  t.equal(logger.of('users_file_refused').length, 2)
  t.equal(changes.length, 1)
})

t.test('when told to, the file is read and judged again, changed or not', async (t) => {
  const file = join(t.testdir({ 'users.json': textOf('ann') }), 'users.json')
  const clock = new SkippingClock()
  const { watch, logger, changes } = await follow(t, file, clock)
  watch.reload()
  t.equal(clock.delays.at(-1), 50)
  await clock.skip()
  t.equal(logger.of('users_file_read').length, 1)
  t.equal(changes.length, 1)
  writeFileSync(file, '{')
  await clock.skip()
  watch.reload()
  await clock.skip()
  t.equal(logger.of('users_file_refused').length, 2, 'a mistake that is still there is said again')
  rmSync(file)
  await clock.skip()
  watch.reload()
  await clock.skip()
  t.equal(logger.of('users_file_unreadable').length, 2)
  t.strictSame([...watch.users.keys()], ['ann'])
})

t.test('a file that is missing for a while changes nothing', async (t) => {
  const file = join(t.testdir({ 'users.json': textOf('ann') }), 'users.json')
  const clock = new SkippingClock()
  const { logger, names, changes } = await follow(t, file, clock)
  rmSync(file)
  await clock.skip()
  await clock.skip()
  t.strictSame(names(), ['ann'])
  t.match(logger.of('users_file_unreadable'), [{ reason: /no such file/ }])
  writeFileSync(file, textOf('ann'))
  await clock.skip()
  rmSync(file)
  await clock.skip()
  t.equal(logger.of('users_file_unreadable').length, 2, 'said again when it was there in between')
  writeFileSync(file, textOf('bob'))
  await clock.skip()
  t.strictSame(names(), ['bob'])
  t.equal(changes.length, 1)
})

t.test('without any notice, as behind a link, the file is looked at every five seconds', async (t) => {
  const folder = t.testdir({ real: { 'users.json': textOf('ann') }, link: t.fixture('symlink', 'real/users.json') })
  const clock = new SkippingClock()
  const { names } = await follow(t, join(folder, 'link'), clock)
  await clock.skip()
  t.equal(clock.delays.at(-1), 5000)
  writeFileSync(join(folder, 'real', 'users.json'), textOf('bob'))
  await clock.skip()
  t.strictSame(names(), ['bob'])
})

t.test('a folder that cannot be watched is said, and looked at all the same', async (t) => {
  const folder = t.testdir({ 'users.json': textOf('ann') })
  const { watchUsers: watchWithout } = await t.mockImport<typeof import('../../../../src/broker/auth/users-file.ts')>(
    join(ROOT, 'dist/broker/auth/users-file.js'),
    {
      'node:fs': {
        watch() {
          throw new Error('ENOSPC')
        },
      },
    },
  )
  const logger = new RecordingLogger()
  const file = join(folder, 'users.json')
  const watch = await watchWithout(file, { logger, clock: systemClock, onChange: () => {} })
  t.teardown(() => watch.close())
  t.match(logger.of('users_file_unwatched'), [{ file, reason: 'ENOSPC' }])
  writeFileSync(file, textOf('bob'))
  await logger.waitFor('users_file_read')
  t.ok(watch.users.has('bob'))
})

t.test('once closed, nothing is read any more, nor is a removed folder of any matter', async (t) => {
  const folder = t.testdir({ inner: { 'users.json': textOf('ann') } })
  const file = join(folder, 'inner', 'users.json')
  const clock = new SkippingClock()
  const { watch, logger, names } = await follow(t, file, clock)
  void clock.skip()
  await watch.close()
  await watch[Symbol.asyncDispose]()
  rmSync(join(folder, 'inner'), { recursive: true })
  mkdirSync(join(folder, 'inner'))
  writeFileSync(file, textOf('bob'))
  // What another watch has seen, this one would have too.
  const another = await follow(t, file)
  writeFileSync(file, textOf('cat'))
  t.strictSame(await another.readTimes(1), ['cat'])
  t.strictSame(names(), ['ann'])
  t.strictSame(logger.lines, [])
})
