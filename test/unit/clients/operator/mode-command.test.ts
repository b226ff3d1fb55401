import t, { type Test } from 'tap'
import { command } from '../../../../src/clients/operator/mode-command.ts'
import { parseCall } from '../../../../src/platform/command.ts'
import { brokerPair, PASSWORD, usersOf } from '../../../fixtures/broker-pair.ts'

const users = usersOf({
  admin: { roles: [{ role: 'admin', crossing: 'demo' }] },
  viewer: { roles: [{ role: 'viewer', crossing: 'demo' }] },
  stranger: {},
})

/** Runs `crossing mode` with `argv`; gives its exit code and what it printed. */
async function ran(t: Test, argv: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const call = parseCall(command, argv, { MQTT_PASSWORD: PASSWORD, ...environment })
  if (call === 'help') throw new Error('help')
  const stdout = t.capture(process.stdout, 'write', process.stdout.write)
  const code = await command.run(call).finally(() => stdout.restore())
  const printed = stdout()
    .map(({ args }) => String(args[0]))
    .filter((text) => /^(auto|hold|flash)\n$/.test(text))
  return { code, printed }
}

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
  await t.rejects(ran(t, ['hold', '--url', url], { MQTT_PASSWORD: 'wrong' }), {
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
