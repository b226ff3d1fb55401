import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { systemClock } from '../../../src/platform/clock.ts'
import * as machine from '../../../src/platform/machine-facts.ts'
import { ManualClock } from '../../fixtures/manual-clock.ts'

async function serverPort(t: Test, answer: string): Promise<number> {
  const server = createServer((socket) => socket.on('error', () => {}).once('data', () => socket.end(answer)))
  server.listen({ host: '127.0.0.1', port: 0 })
  await once(server, 'listening')
  t.teardown(() => server.close())
  const address = server.address() as AddressInfo
  return address.port
}

t.test('this process and its user', async (t) => {
  t.equal(`v${machine.nodeVersion()}`, process.version)
  t.not(machine.userName(), '')
  t.equal(machine.isInGroup(process.getgid?.() ?? -1), true)
  t.match(await machine.groupOf(0), { name: 'root' })
  t.match(await machine.groupOf(999_999_999), { name: '999999999' })
  t.equal(await machine.isCommand('sh'), true)
  t.equal(await machine.isCommand('no-such-command-here'), false)
  t.equal(await machine.isRunning('no-such-program'), false)
})

t.test('what a host and its ports say', async (t) => {
  t.same(await machine.addressesOf('127.0.0.1'), ['127.0.0.1'])
  const port = await serverPort(t, 'hello')
  t.ok((await machine.timeToConnect(systemClock, '127.0.0.1', port)) >= 0)
  await t.rejects(machine.timeToConnect(systemClock, '127.0.0.1', 1), { code: 'ECONNREFUSED' })
  await t.rejects(machine.tryToListen('127.0.0.1', port), { code: 'EADDRINUSE' })
  await machine.tryToListen('127.0.0.1', 0)
  const ask = (to: number) =>
    machine.firstAnswer(systemClock, () => connect({ host: '127.0.0.1', port: to }), Buffer.from('?'))
  t.equal((await ask(port)).toString(), 'hello')
  t.equal((await ask(await serverPort(t, ''))).length, 0)
  t.equal((await ask(1)).length, 0)
})

t.test('a host that never answers is given up', async (t) => {
  const clock = new ManualClock()
  const waiting = t.rejects(machine.timeToConnect(clock, '127.0.0.1', await serverPort(t, '')), /no answer within 5 s/)
  // Before the system had a chance to answer.
  clock.advance(5000)
  await waiting
})

t.test('how late timers are, and how much room there is', async (t) => {
  t.ok((await machine.loopDelayMs(systemClock, 50)) > 0)
  t.ok((await machine.freeBytes('.')) > 0)
  t.match([true, false, null].includes(await machine.isClockSynchronized()), true)
})

t.test('a folder that is there or can be made is one to keep things in; what is in a file is not', async (t) => {
  const folder = t.testdir({ file: '' })
  t.equal(await machine.existingFolder(join(folder, 'to/be/made')), folder)
  t.equal(await machine.existingFolder(join(folder, 'file/in it')), join(folder, 'file'))
  await machine.tryToKeepIn(folder)
  await machine.tryToKeepIn(join(folder, 'to/be/made'))
  await t.rejects(machine.tryToKeepIn(join(folder, 'file')), { code: 'ENOTDIR' })
  await t.rejects(machine.tryToKeepIn(join(folder, 'file/in it')), { code: 'ENOTDIR' })
})
