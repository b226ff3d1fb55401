import t from 'tap'
import { command } from '../../../../src/clients/controller/main.ts'
import { parseCall } from '../../../../src/platform/command.ts'

const FILE = ['--password-file', 'LICENSE']

t.test('the help says each option', async (t) => {
  for (const option of Object.keys(command.options)) t.match(command.help, new RegExp(`^  --${option}\\b`, 'm'))
})

for (const [argv, code, message] of [
  [[], 'usage', /no password for user 'controller'/],
  [[...FILE, '--url', 'x'], 'configuration', /'x': that is no URL/],
  [[...FILE, '--crossing', 'missing.json'], 'configuration', /missing.json: there is no such/],
] as const) {
  t.test(`'${argv.join(' ')}' is refused, and leaves nothing running`, async (t) => {
    const call = parseCall(command, argv, {})
    if (call === 'help') throw new Error('help')
    await t.rejects(command.run(call), { code, message })
  })
}
