import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import bcrypt from 'bcryptjs'
import t from 'tap'
import { costOf, createPasswords, decoyHash, passwordFault } from '../../../../src/broker/auth/password.ts'
import { work } from '../../../../src/broker/auth/password-worker.ts'
import '../../../fixtures/bare-processes.ts'
import { HASH, PASSWORD } from '../../../fixtures/broker-pair.ts'
import { ROOT } from '../../../fixtures/root.ts'

const bytes = (text: string): Uint8Array => Buffer.from(text)

t.test('a new password is not empty, has no control characters and at most 72 bytes', async (t) => {
  t.match(passwordFault(''), /empty/)
  for (const text of ['a\nb', 'a\0', '\x1b[A', 'a\x7f', 'a\u0085']) t.match(passwordFault(text), /control character/)
  t.match(passwordFault('x'.repeat(73)), /73 bytes/)
  t.match(passwordFault('ä'.repeat(37)), /74 bytes/)
  for (const text of ['x', 'x'.repeat(72), 'ä'.repeat(36), 'with a space', '🚦'])
    t.equal(passwordFault(text), null, text)
})

t.test('a hash fits its password and no other', async (t) => {
  await using passwords = createPasswords()
  const hash = await passwords.hash('secret', 4)
  t.match(hash, /^\$2b\$04\$/)
  t.equal(await passwords.verify(bytes('secret'), hash), 'right')
  t.equal(await passwords.verify(bytes('secreT'), hash), 'wrong')
  t.equal(await passwords.verify(bytes(''), hash), 'wrong')
  t.equal(costOf(await passwords.hash('secret')), 10)
})

t.test('what a program is told to load is not loaded once more for its passwords', async (t) => {
  const hook = 'data:text/javascript,process.stdout.write("loaded ")'
  const program = `
    import { createPasswords } from ${JSON.stringify(join(ROOT, 'dist/broker/auth/password.js'))}
    const passwords = createPasswords()
    const hash = await passwords.hash('secret', 4)
    process.stdout.write(hash.slice(0, 7))
    await passwords.close()`
  const argv = ['--import', hook, '--input-type=module', '-e', program]
  const { stdout } = await promisify(execFile)(process.execPath, argv)
  t.equal(stdout, 'loaded $2b$04$')
})

t.test('a password with a fault is never hashed', async (t) => {
  await using passwords = createPasswords()
  await t.rejects(passwords.hash('x'.repeat(73), 4), { code: 'internal' })
})

t.test('what bcrypt would not tell apart is wrong all the same', async (t) => {
  await using passwords = createPasswords()
  const full = 'x'.repeat(72)
  const hash = bcrypt.hashSync(full, 4)
  t.equal(await passwords.verify(bytes(full), hash), 'right')
  t.equal(await passwords.verify(bytes(`${full}y`), hash), 'wrong')
  const replaced = bcrypt.hashSync('\uFFFD', 4)
  t.equal(await passwords.verify(bytes('\uFFFD'), replaced), 'right')
  t.equal(await passwords.verify(Buffer.from([0xff]), replaced), 'wrong', 'ill-formed UTF-8')
  const short = bcrypt.hashSync('a', 4)
  t.ok(bcrypt.compareSync('a\0a', short), 'bcrypt repeats a password with a NUL after it')
  t.equal(await passwords.verify(bytes('a\0a'), short), 'wrong')
  t.equal(await passwords.verify(bytes('a'), short), 'right')
})

t.test('beyond so many that wait a check is refused', async (t) => {
  await using passwords = createPasswords({ waitingMax: 2 })
  const verdicts = await Promise.all(Array.from({ length: 10 }, () => passwords.verify(bytes(PASSWORD), HASH)))
  t.ok(verdicts.includes('right'))
  t.ok(verdicts.includes('unavailable'))
  t.equal(await passwords.verify(bytes(PASSWORD), HASH), 'right', 'later there is room again')
})

t.test('once closed, twice or once, nothing is checked any more', async (t) => {
  const passwords = createPasswords()
  const late = passwords.verify(bytes(PASSWORD), HASH.replace('$04$', '$12$'))
  await Promise.all([passwords.close(), passwords.close()])
  await passwords.close()
  t.equal(await late, 'unavailable')
  t.equal(await passwords.verify(bytes(PASSWORD), HASH), 'unavailable')
})

t.test('the event loop goes on while a password is checked', async (t) => {
  await using passwords = createPasswords()
  await passwords.verify(bytes(PASSWORD), HASH)
  let turns = 0
  const timer = setInterval(() => {
    turns += 1
  }, 1)
  await passwords.verify(bytes(PASSWORD), decoyHash(10))
  clearInterval(timer)
  t.ok(turns > 5, `${turns} turns`)
})

t.test('a decoy is a well-formed hash of its cost that fits nothing', async (t) => {
  for (const cost of [4, 10]) {
    t.match(decoyHash(cost), /^\$2b\$\d\d\$[./A-Za-z0-9]{53}$/)
    t.equal(costOf(decoyHash(cost)), cost)
    t.notOk(bcrypt.compareSync(PASSWORD, decoyHash(cost)))
  }
})

t.test('the worker hashes and compares', async (t) => {
  const hash = work({ kind: 'hash', password: PASSWORD, cost: 4 })
  t.equal(work({ kind: 'verify', password: PASSWORD, hash: String(hash) }), true)
  t.equal(work({ kind: 'verify', password: 'other', hash: String(hash) }), false)
})
