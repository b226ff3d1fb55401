import t, { type Test } from 'tap'
import { command } from '../../../../src/clients/operator/mode-command.ts'
import { brokerPair, usersOf } from '../../../fixtures/broker-pair.ts'
import { runCommand } from '../../../fixtures/operator-command.ts'

const users = usersOf({
  admin: { roles: [{ role: 'admin', crossing: 'demo' }] },
  viewer: { roles: [{ role: 'viewer', crossing: 'demo' }] },
  stranger: {},
})

const ran = (t: Test, argv: readonly string[], password?: string) =>
  runCommand(t, command, { argv, pattern: /^(auto|hold|flash)\n$/, ...(password !== undefined && { password }) })

const listening = async (t: Test) => {
  const pair = await brokerPair(t, users, { port: 0 })
  return { ...pair, url: pair.broker.url ?? '' }
}

t.test('an admin sets the mode, which the broker keeps, and everybody may see', async (t) => {
  const { url, connect } = await listening(t)
  t.strictSame(await ran(t, ['hold', '--url', url]), { code: 0, printed: ['hold\n'] })
  const viewer = await connect('viewer')
  await viewer.mqtt.subscribeAsync('crossings/demo/mode')
  t.match(await viewer.received(1), [{ payload: 'hold', retain: true }])
  t.strictSame(await ran(t, ['--url', url, '--username', 'viewer']), { code: 0, printed: ['hold\n'] })
  t.strictSame(await ran(t, ['flash', '--url', url, '--name', 'demo']), { code: 0, printed: ['flash\n'] })
  t.strictSame(await ran(t, ['auto', '--url', url]), { code: 0, printed: ['auto\n'] })
})

t.test('where no mode was ever set it is auto', async (t) => {
  const { url } = await listening(t)
  t.strictSame(await ran(t, ['--url', url]), { code: 0, printed: ['auto\n'] })
})

t.test('who may only look is told so', async (t) => {
  const { url } = await listening(t)
  await t.rejects(ran(t, ['hold', '--url', url, '--username', 'viewer']), {
    code: 'failed',
    message: /'viewer'.*admin/,
  })
})

t.test('who may not even look is told so at once', async (t) => {
  const { url } = await listening(t)
  await t.rejects(ran(t, ['hold', '--url', url, '--username', 'stranger']), { code: 'failed', message: /'stranger'/ })
})

t.test('a wrong password and an unreachable broker are failures in their own words', async (t) => {
  const { url, broker } = await listening(t)
  await t.rejects(ran(t, ['hold', '--url', url], 'wrong'), {
    code: 'failed',
    message: /wrong user name or password/,
  })
  await broker.close()
  await t.rejects(ran(t, ['hold', '--url', url]), { code: 'failed', message: /nothing listens there/ })
})

for (const [argv, code, message] of [
  [['stop'], 'usage', /'stop': expected auto, hold, flash/],
  [['HOLD'], 'usage', /'HOLD'/],
  [['hold', '--name', 'a/b'], 'usage', /--name is 'a\/b'/],
  [['hold', '--name', '#'], 'usage', /--name/],
  [['hold', '--url', 'http://broker'], 'configuration', /'http:' is not spoken here/],
] as const) {
  t.test(`'${argv.join(' ')}' is refused before anything is tried`, async (t) => {
    await t.rejects(ran(t, argv), { code, message })
  })
}

t.test('the help says each option and mode', async (t) => {
  for (const option of Object.keys(command.options)) t.match(command.help, new RegExp(`^  --${option}\\b`, 'm'))
  for (const mode of ['auto', 'hold', 'flash']) t.match(command.help, new RegExp(`^  ${mode} +\\w`, 'm'))
})
