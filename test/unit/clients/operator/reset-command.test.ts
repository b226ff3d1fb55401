import t, { type Test } from 'tap'
import { command } from '../../../../src/clients/operator/reset-command.ts'
import { lightTime } from '../../../../src/protocol/aspect.ts'
import { DEMO_CROSSING } from '../../../../src/protocol/crossing.ts'
import { encodeReport } from '../../../../src/protocol/messages.ts'
import { brokerPair, usersOf } from '../../../fixtures/broker-pair.ts'
import { runCommand } from '../../../fixtures/operator-command.ts'

const users = usersOf({
  admin: { roles: [{ role: 'admin', crossing: 'demo' }] },
  viewer: { roles: [{ role: 'viewer', crossing: 'demo' }] },
  light1: { roles: [{ role: 'light', crossing: 'demo' }] },
  stranger: {},
})

const ran = (t: Test, argv: readonly string[], password?: string) =>
  runCommand(t, command, { argv, pattern: /^reset/, ...(password !== undefined && { password }) })

const listening = async (t: Test) => {
  const pair = await brokerPair(t, users, { port: 0, crossings: [DEMO_CROSSING] })
  return { ...pair, url: pair.broker.url ?? '' }
}

const tripped = async (t: Test) => {
  const pair = await listening(t)
  const light = await pair.connect('light1')
  for (const now of [0, 300].map(lightTime)) {
    const report = { file: '', boot: 'b', now, aspect: 'green', run: 0, n: 0, at: now } as const
    const text = encodeReport({ ...report, file: DEMO_CROSSING.digest })
    await light.mqtt.publishAsync('crossings/demo/lights/light1/report', text, { qos: 1 })
  }
  await pair.log.waitFor('tripped')
  return pair
}

t.test('an admin ends a trip, and is told what it was', async (t) => {
  const { url } = await tripped(t)
  const { code, printed } = await ran(t, ['--url', url])
  t.equal(code, 0)
  t.match(printed, [/^reset: light1 showed green.*\(\d{4}-\d\d-\d\dT.*Z\)\n$/])
  await t.rejects(ran(t, ['demo', '--url', url]), { code: 'failed', message: /'demo' is not tripped/ })
})

t.test('where nothing is tripped, or nothing watched, that is said', async (t) => {
  const { url } = await listening(t)
  await t.rejects(ran(t, ['--url', url]), { code: 'failed', message: /'demo' is not tripped/ })
  await t.rejects(ran(t, ['other', '--url', url]), { code: 'failed' })
})

t.test('who may not is told so', async (t) => {
  const { url } = await tripped(t)
  await t.rejects(ran(t, ['--url', url, '--username', 'viewer']), { code: 'failed', message: /'viewer'.*admin/ })
  await t.rejects(ran(t, ['--url', url, '--username', 'stranger']), { code: 'failed', message: /'stranger'/ })
  await t.rejects(ran(t, ['--url', url], 'wrong'), {
    code: 'failed',
    message: /wrong user name or password/,
  })
})

t.test('a broker that is not there', async (t) => {
  const { url, broker } = await listening(t)
  await broker.close()
  await t.rejects(ran(t, ['--url', url]), { code: 'failed', message: /nothing listens there/ })
})

t.test('what cannot be a crossing is refused before anything is tried', async (t) => {
  await t.rejects(ran(t, ['a/b']), { code: 'usage', message: /'a\/b'/ })
})

t.test('the help says each option', async (t) => {
  for (const option of Object.keys(command.options)) t.match(command.help, new RegExp(`^  --${option}\\b`, 'm'))
})
