import t from 'tap'
import { command } from '../../../src/demo/main.ts'
import { parseCall } from '../../../src/platform/command.ts'

t.test('the help says each option', async (t) => {
  for (const option of Object.keys(command.options)) t.match(command.help, new RegExp(`^  --${option}\\b`, 'm'))
})

for (const [argv, code, message] of [
  [['--port', '0'], 'usage', /--port is '0': expected a whole number from 1 to 65535/],
  [['--port', 'x'], 'usage', /--port is 'x'/],
  [['--http-port', '0'], 'usage', /--http-port is '0'/],
  [['--crossing', 'missing.json'], 'configuration', /missing.json: there is no such/],
] as const) {
  t.test(`'${argv.join(' ')}' is refused, and leaves nothing running`, async (t) => {
    const call = parseCall(command, argv, {})
    if (call === 'help') throw new Error('help')
    await t.rejects(command.run(call), { code, message })
  })
}
