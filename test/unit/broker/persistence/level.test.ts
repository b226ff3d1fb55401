import { chownSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openLevel } from '../../../../src/broker/persistence/level.ts'

async function contentOf(directory: string): Promise<readonly (readonly [string, string])[]> {
  const database = await openLevel(directory)
  const found: (readonly [string, string])[] = []
  for await (const [key, value] of database.entries()) found.push([key, value.toString()])
  await database.close()
  return found
}

/** A directory in which something is kept. */
async function directoryWith(t: Test, count = 1): Promise<string> {
  const directory = join(t.testdir(), 'data')
  const database = await openLevel(directory)
  await database.write(new Map(Array.from({ length: count }, (_, index) => [`key ${index}`, Buffer.alloc(200, 'x')])))
  await database.close()
  return directory
}

/** Changes bits of every file whose name fits. */
function damage(directory: string, names: RegExp): void {
  for (const name of readdirSync(directory).filter((one) => names.test(one))) {
    const bytes = readFileSync(join(directory, name))
    for (let at = 0; at < bytes.length; at += 7) bytes[at] = (bytes[at] ?? 0) ^ 0x55
    writeFileSync(join(directory, name), bytes)
  }
}

t.test('a directory is made, for its owner alone, and gives back what was written', async (t) => {
  const directory = join(t.testdir(), 'deep', 'data')
  const database = await openLevel(directory)
  t.equal(statSync(directory).mode & 0o777, 0o700)
  await database.write(
    new Map([
      ['b', Buffer.from('2')],
      ['a', Buffer.from('1')],
    ]),
  )
  await database.write(new Map([['b', null]]))
  await database.close()
  t.strictSame(await contentOf(directory), [['a', '1']])
})

t.test('a directory in use is an error that says so, and works once it is free', async (t) => {
  const directory = await directoryWith(t)
  const first = await openLevel(directory)
  await t.rejects(openLevel(directory), { code: 'failed', message: new RegExp(`${directory} is in use: stop`) })
  await first.close()
  t.equal((await contentOf(directory)).length, 1)
})

t.test('a directory that is damaged is an error that names it', async (t) => {
  for (const names of [/./, /^CURRENT$/, /^MANIFEST/, /\.log$/]) {
    const directory = await directoryWith(t)
    damage(directory, names)
    await t.rejects(
      contentOf(directory),
      { code: 'configuration', message: new RegExp(`${directory} is damaged.*put back a copy`) },
      String(names),
    )
    rmSync(directory, { recursive: true })
  }
})

t.test('a directory that lost its main file is not taken for a new one', async (t) => {
  const directory = await directoryWith(t)
  rmSync(join(directory, 'CURRENT'))
  await t.rejects(openLevel(directory), { code: 'configuration', message: /CURRENT is lost/ })
})

t.test('a directory with other files, and a file, are refused', async (t) => {
  const folder = t.testdir({ photos: { 'cat.jpg': '' }, file: '' })
  await t.rejects(openLevel(join(folder, 'photos')), { code: 'configuration', message: /photos holds other files/ })
  t.strictSame(readdirSync(join(folder, 'photos')), ['cat.jpg'])
  await t.rejects(openLevel(join(folder, 'file')), { code: 'configuration', message: /cannot use the data directory/ })
})

/** Has no rights but its own. */
const NOBODY = 65_534

t.test('a directory that cannot be written is an error', async (t) => {
  const directory = join(t.testdir(), 'data')
  mkdirSync(directory, { mode: 0o500 })
  // Root may write anywhere.
  const isRoot = process.geteuid?.() === 0
  if (isRoot) {
    chownSync(directory, NOBODY, NOBODY)
    process.seteuid?.(NOBODY)
  }
  try {
    await t.rejects(openLevel(directory), { code: 'configuration', message: /that this user may write/ })
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
})
