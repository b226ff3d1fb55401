import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { command } from '../../../src/doctor/main.ts'
import { parseCall } from '../../../src/platform/command.ts'
import { brokerPair, usersOf } from '../../fixtures/broker-pair.ts'
import { writeCerts } from '../../fixtures/certs.ts'
import { runCommand } from '../../fixtures/operator-command.ts'

t.test('the help says each option', async (t) => {
  for (const option of Object.keys(command.options)) t.match(command.help, new RegExp(`^  --${option}\\b`, 'm'))
})

for (const [argv, code, message] of [
  [['lamp'], 'usage', /'lamp' is not checked here: expected light or broker/],
  [['light', '--display', 'cinema'], 'usage', /--display is 'cinema'/],
  [['--url', 'http://x'], 'configuration', /'http:' is not spoken here/],
  [['broker', '--port', 'x'], 'usage', /--port is 'x'/],
  [['broker', '--tls-port', '8883'], 'usage', /--tls-port needs --tls-cert FILE/],
  [['broker', '--data', ''], 'usage', /--data is empty/],
  [['broker', 'light1'], 'usage', /unexpected argument 'light1'/],
] as const) {
  t.test(`'${argv.join(' ')}' is refused`, async (t) => {
    const call = parseCall(command, argv, {})
    if (call === 'help') throw new Error('help')
    await t.rejects(command.run(call), { code, message })
  })
}

t.test('a light is checked as its own user, wherever its name stands', async (t) => {
  const users = usersOf({ light2: { roles: [{ role: 'light', crossing: 'demo' }] } })
  const { broker } = await brokerPair(t, users, { port: 0 })
  for (const light of [['light2'], ['--light', 'light2']]) {
    const argv = ['light', ...light, '--display', 'none', '--json', '--url', broker.url ?? '']
    const { printed } = await runCommand(t, command, { argv, pattern: /^\{"ok"/ })
    const { checks } = JSON.parse(printed[0] ?? '{}')
    for (const name of ['log-in', 'rights on topics'])
      t.match(
        checks.find((check: { name: string }) => check.name === name),
        { state: 'ok' },
        `${argv[1]}: ${name}`,
      )
  }
})

t.test('a broker is checked with all that it may be started with', async (t) => {
  const folder = t.testdir({ 'users.json': '{"users":{}}' })
  const { cert, key } = await writeCerts(folder)
  const options = ['--port', 'none', '--tls-port', '0', '--tls-cert', cert, '--tls-key', key, '--http-port', '0']
  const files = ['--users', join(folder, 'users.json'), '--data', join(folder, 'kept')]
  const argv = ['broker', '--json', ...options, ...files]
  const { printed } = await runCommand(t, command, { argv, pattern: /^\{"ok"/ })
  const { checks } = JSON.parse(printed[0] ?? '{}')
  const states = Object.fromEntries(checks.map(({ name, state }: { name: string; state: string }) => [name, state]))
  t.match(states, { users: 'wrong', certificate: 'ok', TLS: 'ok', HTTP: 'ok', data: 'ok' })
  t.notOk('TCP' in states)
  t.notOk(existsSync(join(folder, 'kept')), 'nothing is made')
})
