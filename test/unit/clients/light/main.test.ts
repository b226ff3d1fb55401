import t from 'tap'
import { command } from '../../../../src/clients/light/main.ts'
import { parseCall } from '../../../../src/platform/command.ts'

const FILE = ['--password-file', 'LICENSE']

t.test('the help says each option', async (t) => {
  for (const option of Object.keys(command.options)) t.match(command.help, new RegExp(`^  --${option}\\b`, 'm'))
})

for (const [argv, code, message] of [
  [['a/b'], 'usage', /name is 'a\/b'/],
  [['light1'], 'usage', /no password for user 'light1'/],
  [['light1', ...FILE, '--display', 'cinema'], 'usage', /--display is 'cinema'/],
  [['light3', ...FILE], 'configuration', /no light 'light3'/],
  [['light1', ...FILE, '--url', 'http://x'], 'configuration', /'http:' is not spoken here/],
  [['light1', ...FILE, '--crossing', 'missing.json'], 'configuration', /missing.json: there is no such/],
] as const) {
  t.test(`'${argv.join(' ')}' is refused, and leaves nothing running`, async (t) => {
    const call = parseCall(command, argv, {})
    if (call === 'help') throw new Error('help')
    await t.rejects(command.run(call), { code, message })
  })
}
