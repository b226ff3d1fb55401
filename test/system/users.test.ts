/** Users of real processes: `crossing user` many times at once, a broker that follows what it changes, and a whole fleet. */
import { once } from 'node:events'
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { connectAsync, type MqttClient } from '../fixtures/mqtt.ts'
import { runCrossing, startCrossing } from '../fixtures/processes.ts'

const user = (folder: string, argv: readonly string[], input = 'secret\n') =>
  runCrossing(['user', ...argv], { cwd: folder, input })

const namesIn = (folder: string): string[] =>
  Object.keys(JSON.parse(readFileSync(join(folder, 'users.json'), 'utf8')).users)

t.test('many changes at once, by as many processes, lose nothing', async (t) => {
  const folder = t.testdir()
  const names = Array.from({ length: 8 }, (_, index) => `user${index}`)
  await user(folder, ['add', 'gone', '--cost', '4'])
  await user(folder, ['add', 'stays', '--cost', '4'])
  const hash = (): string => JSON.parse(readFileSync(join(folder, 'users.json'), 'utf8')).users.stays.hash
  const before = hash()
  const runs = await Promise.all([
    ...names.map((name) => user(folder, ['add', name, '--cost', '4'])),
    user(folder, ['remove', 'gone']),
    user(folder, ['passwd', 'stays', '--cost', '5']),
  ])
  for (const { ending, stderr, argv } of runs) t.equal(ending?.code, 0, `${argv.join(' ')} ${stderr}`)
  t.strictSame(namesIn(folder).toSorted(), ['stays', ...names].toSorted())
  t.not(hash(), before)
  t.match(hash(), /^\$2b\$05\$/)
  t.equal(statSync(join(folder, 'users.json')).mode & 0o777, 0o600)
})

t.test('a broker takes up changes, refuses mistakes whole, and reads again on SIGHUP', async (t) => {
  const folder = t.testdir()
  for (const name of ['ann', 'bob']) await user(folder, ['add', name, '--cost', '4'])
  const file = join(folder, 'users.json')
  chmodSync(file, 0o644)
  const broker = startCrossing(['broker', '--port', '0'], { cwd: folder })
  t.teardown(() => broker.kill())
  const { port } = await broker.logs('listening')
  await broker.logs('users_file_readable_by_others', ({ remedy }) => remedy === 'chmod 600 users.json')
  const dial = (username: string): Promise<MqttClient> =>
    connectAsync(`mqtt://127.0.0.1:${String(port)}`, { username, password: 'secret', reconnectPeriod: 0 }, false)
  const [ann, bob] = [await dial('ann'), await dial('bob')]
  t.teardown(() => [ann, bob].map((client) => client.end(true)))
  const cut = new Promise<void>((resolve) => ann.once('close', () => resolve()))
  await user(folder, ['remove', 'ann'])
  await cut
  await t.rejects(dial('ann'), { code: 4 })
  await broker.logsTimes('users_file_read', 1)
  broker.signal('SIGHUP')
  await broker.logsTimes('users_file_read', 2)
  writeFileSync(file, readFileSync(file, 'utf8').replace('"hash"', '"hsah"'))
  await broker.logs('users_file_refused', ({ reason }) => /users\.json: line 3: users\.bob\./.test(String(reason)))
  await (await dial('bob')).endAsync()
  t.ok(bob.connected)
  broker.signal('SIGTERM')
  await broker.closed
  t.equal(broker.ending?.code, 0)
})

t.test('a fleet that comes at once waits at the port, however busy the broker is', async (t) => {
  const broker = startCrossing(['broker', '--port', '0', '--users', 'users.json'], {
    cwd: t.testdir({ 'users.json': '{ "users": {} }' }),
  })
  t.teardown(() => broker.kill())
  const { port } = await broker.logs('listening')
  broker.signal('SIGSTOP')
  const sockets = Array.from({ length: 1000 }, () => connect(Number(port), '127.0.0.1'))
  t.teardown(() => sockets.map((socket) => socket.destroy()))
  // Whom the kernel turned away would be heard only after SIGCONT.
  await Promise.all(sockets.map((socket) => once(socket, 'connect')))
})
