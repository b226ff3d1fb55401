import { once } from 'node:events'
import { createServer } from 'node:net'
import t from 'tap'
import {
  childrenOf,
  endProcess,
  lockAddress,
  lockHolder,
  processIdentity,
  tryLock,
} from '../../../src/platform/abstract-socket.ts'
import { startProgram } from '../../fixtures/program.ts'

const nameOf = (what: string): string => `${what} of abstract-socket.test ${process.pid}`

t.test('an address is a NUL and 107 bytes, whatever the name', async (t) => {
  for (const name of ['', 'x', 'mqtt://127.0.0.1:1883/demo/light1', 'x'.repeat(5000), 'Ampel Süd 🚦', '\0\n']) {
    const address = lockAddress(name)
    t.equal(Buffer.byteLength(address), 108, JSON.stringify(name.slice(0, 40)))
    t.match(address, /^\0[ -~]{107}$/)
  }
})

t.test('an address can be recognised by people, and is the same every time', async (t) => {
  t.match(lockAddress('mqtt://broker:1883/demo/light1'), '/mqtt://broker:1883/demo/light1...')
  t.equal(lockAddress('x'), lockAddress('x'))
})

t.test('names that differ anywhere have addresses that differ', async (t) => {
  const long = 'x'.repeat(200)
  const names = ['a', 'b', 'a.', 'ä', 'ö', `a${long}`, `b${long}`, `${long}a`, `${long}b`]
  t.equal(new Set(names.map(lockAddress)).size, names.length)
})

t.test('a lock is held by one at a time, and free again at once', async (t) => {
  const address = lockAddress(nameOf('lock'))
  const first = await tryLock(address, () => {})
  t.ok(first)
  t.equal(await tryLock(address, () => {}), null)
  first?.close()
  const second = await tryLock(address, () => {})
  t.ok(second)
  second?.close()
})

t.test('what the system says otherwise is thrown', async (t) => {
  await t.rejects(
    tryLock('/no/such/folder/socket', () => {}),
    { code: /ENOENT|EACCES/ },
  )
})

t.test('the holder of a lock is found without asking it', async (t) => {
  const name = nameOf('holder')
  const program = startProgram(t, 'lock-holder.js', [name, '--mark'])
  await program.says('held')
  const holder = await lockHolder(lockAddress(name))
  t.equal(holder?.pid, program.process.pid)
  t.equal(holder?.parent, process.pid)
  t.match(holder?.argv, [/node/, /./])
  t.ok(holder?.argv.includes('--mark'))
  program.process.kill('SIGSTOP')
  t.strictSame(await lockHolder(lockAddress(name)), holder, 'stopped or not')
  program.process.kill('SIGKILL')
  await program.ended
  t.equal(await lockHolder(lockAddress(name)), null)
})

t.test('who is merely connected to a lock is not its holder', async (t) => {
  const name = nameOf('connection')
  t.equal(await lockHolder(lockAddress(name)), null, 'nobody holds it yet')
  const server = await tryLock(lockAddress(name), (socket) => socket.destroy())
  t.equal((await lockHolder(lockAddress(name)))?.pid, process.pid)
  server?.close()
  t.equal(await lockHolder(lockAddress(name)), null)
})

t.test('a socket that does not listen is nobody', async (t) => {
  const server = createServer(() => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.equal(await lockHolder('\0never bound'), null)
  server.close()
})

t.test('a process is known by number and start, and odd names do not confuse it', async (t) => {
  const own = await processIdentity(process.pid)
  t.match(own, { pid: process.pid, parent: process.ppid, startTime: /^\d+$/ })
  const { title } = process
  t.teardown(() => {
    process.title = title
  })
  process.title = 'a) R 1 (b'
  t.match(await processIdentity(process.pid), { parent: process.ppid, startTime: own?.startTime })
  t.equal(await processIdentity(2 ** 22 + 1), null, 'there is none')
})

t.test('the children of a process are those that it started and that run', async (t) => {
  const program = startProgram(t, 'lock-holder.js', [nameOf('child')])
  await program.says('held')
  const pids = async (): Promise<readonly number[]> => (await childrenOf(process.pid)).map(({ pid }) => pid)
  t.ok((await pids()).includes(program.process.pid ?? 0))
  program.process.kill('SIGKILL')
  await program.ended
  t.notOk((await pids()).includes(program.process.pid ?? 0))
})

t.test('a process that was started later differs in its start', async (t) => {
  const program = startProgram(t, 'lock-holder.js', [nameOf('start')])
  await program.says('held')
  const own = await processIdentity(process.pid)
  const other = await processIdentity(program.process.pid ?? 0)
  t.ok(Number(other?.startTime) > Number(own?.startTime))
})

t.test('a process is ended, even one that is stopped, but not a later one with its number', async (t) => {
  const program = startProgram(t, 'lock-holder.js', [nameOf('end')])
  await program.says('held')
  const identity = await processIdentity(program.process.pid ?? 0)
  if (identity === null) throw new Error('it does not run')
  program.process.kill('SIGSTOP')
  const kills = t.capture(process, 'kill', process.kill)
  await endProcess({ ...identity, startTime: '17' })
  t.strictSame(kills(), [])
  await endProcess(identity)
  t.match(await program.ended, { signal: 'SIGKILL' })
  await endProcess(identity)
})
