import t from 'tap'
import { command } from '../../../src/doctor/main.ts'
import { parseCall } from '../../../src/platform/command.ts'

t.test('the help says each option', async (t) => {
  for (const option of Object.keys(command.options)) t.match(command.help, new RegExp(`^  --${option}\\b`, 'm'))
})

for (const [argv, code, message] of [
  [['lamp'], 'usage', /'lamp' is not checked here: expected light or broker/],
  [['light', '--display', 'cinema'], 'usage', /--display is 'cinema'/],
  [['--url', 'http://x'], 'configuration', /'http:' is not spoken here/],
  [['broker', '--port', 'x'], 'usage', /--port is 'x'/],
  [['broker', 'light1'], 'usage', /unexpected argument 'light1'/],
] as const) {
  t.test(`'${argv.join(' ')}' is refused`, async (t) => {
    const call = parseCall(command, argv, {})
    if (call === 'help') throw new Error('help')
    await t.rejects(command.run(call), { code, message })
  })
}
