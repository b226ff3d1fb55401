import { chmodSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { editUsers } from '../../../../src/broker/auth/edit-users.ts'
import { encodeUsers, parseUsers, type Users } from '../../../../src/broker/auth/users.ts'
import { usersOf, userWith } from '../../../fixtures/broker-pair.ts'
import { ROOT } from '../../../fixtures/root.ts'

const adding =
  (name: string) =>
  (users: Users): Users =>
    new Map([...users, [name, userWith()]])

const namesIn = (file: string): string[] => [...parseUsers(readFileSync(file, 'utf8'), file).keys()]

t.test('edits at once, by any way to the file, lose nothing', async (t) => {
  const folder = t.testdir({ 'users.json': encodeUsers(usersOf({ first: {} })) })
  const file = join(folder, 'users.json')
  const link = join(folder, 'link')
  symlinkSync('users.json', link)
  const names = Array.from({ length: 10 }, (_, index) => `user${index}`)
  await Promise.all(names.map((name, index) => editUsers(index % 2 === 0 ? file : link, 'refuse', adding(name))))
  t.strictSame(namesIn(file).toSorted(), ['first', ...names].toSorted())
  t.strictSame(readdirSync(folder).toSorted(), ['link', 'users.json'], 'nothing is left behind')
})

t.test('only the owner reads the file afterwards', async (t) => {
  const file = join(t.testdir({ 'users.json': encodeUsers(usersOf({ ann: {} })) }), 'users.json')
  chmodSync(file, 0o644)
  await editUsers(file, 'refuse', adding('bob'))
  t.equal(statSync(file).mode & 0o777, 0o600)
})

t.test('a missing file is made or refused, as asked', async (t) => {
  const file = join(t.testdir(), 'users.json')
  await t.rejects(editUsers(file, 'refuse', adding('ann')), { code: 'configuration' })
  await editUsers(file, 'create', adding('ann'))
  t.strictSame(namesIn(file), ['ann'])
})

t.test('an edit that fails, or that a broker would refuse, changes nothing', async (t) => {
  const text = encodeUsers(usersOf({ ann: {} }))
  const folder = t.testdir({ 'users.json': text, 'bad.json': '{' })
  const file = join(folder, 'users.json')
  const failing = (): Users => {
    throw new Error('no')
  }
  await t.rejects(editUsers(file, 'refuse', failing), { message: 'no' })
  await t.rejects(editUsers(file, 'refuse', adding('not a name')), { code: 'configuration' })
  t.equal(readFileSync(file, 'utf8'), text)
  await t.rejects(editUsers(join(folder, 'bad.json'), 'create', adding('ann')), { code: 'configuration' })
})

t.test('a place that cannot be written to is an error that says so', async (t) => {
  const folder = t.testdir({ 'users.json': encodeUsers(usersOf({})), folder: {} })
  await t.rejects(editUsers(join(folder, 'no/users.json'), 'create', adding('a')), {
    code: 'failed',
    message: /the folder/,
  })
  await t.rejects(editUsers(join(folder, 'users.json/x'), 'create', adding('a')), {
    code: 'failed',
    message: /ENOTDIR/,
  })
  await t.rejects(editUsers(join(folder, 'folder'), 'create', adding('a')), {
    code: 'configuration',
    message: /directory/,
  })
  const { editUsers: editUnwritable } = await t.mockImport<typeof import('../../../../src/broker/auth/edit-users.ts')>(
    join(ROOT, 'dist/broker/auth/edit-users.js'),
    { 'write-file-atomic': { default: () => Promise.reject(new Error('EROFS')) } },
  )
  const edit = editUnwritable(join(folder, 'users.json'), 'refuse', adding('a'))
  await t.rejects(edit, { message: /cannot be written: EROFS; nothing was changed/ })
})
