import fs from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ACCESS_HELP, ACCESS_OPTIONS, type Access, accessFrom } from '../../../../src/clients/link/credentials.ts'
import { type Command, parseCall } from '../../../../src/platform/command.ts'

const command: Command = { help: '', options: ACCESS_OPTIONS, positionals: [], run: async () => 0 }

function access(argv: readonly string[], environment: NodeJS.ProcessEnv): Access {
  const call = parseCall(command, argv, environment)
  if (call === 'help') throw new Error('help')
  return accessFrom(call, 'light1')
}

const fileWith = (t: Test, text: string | Buffer): string => join(t.testdir({ password: text }), 'password')

t.test('without flags and environment it is this machine and the default user', async (t) => {
  t.match(access([], { MQTT_PASSWORD: 'p' }), { url: 'mqtt://127.0.0.1:1883', username: 'light1' })
})

t.test('the environment is asked before the defaults, and flags before the environment', async (t) => {
  const environment = { MQTT_URL: 'mqtt://e', MQTT_USERNAME: 'e', MQTT_PASSWORD: 'p' }
  t.match(access([], environment), { url: 'mqtt://e', username: 'e' })
  t.match(access(['--url', 'mqtt://f', '--username', 'f'], environment), { url: 'mqtt://f', username: 'f' })
})

t.test('an empty variable is as good as none', async (t) => {
  const environment = { MQTT_URL: '', MQTT_USERNAME: '', MQTT_PASSWORD: '', MQTT_PASSWORD_FILE: fileWith(t, 'filed') }
  const found = access([], environment)
  t.match(found, { url: 'mqtt://127.0.0.1:1883', username: 'light1' })
  t.equal(await found.password(), 'filed')
})

t.test('the password comes from the flag, else the environment, else its file', async (t) => {
  const folder = t.testdir({ flag: 'of the flag', environment: 'of the file' })
  const flag = ['--password-file', join(folder, 'flag')]
  const file = { MQTT_PASSWORD_FILE: join(folder, 'environment') }
  const variable = { MQTT_PASSWORD: 'of the variable' }
  t.equal(await access(flag, { ...file, ...variable }).password(), 'of the flag')
  t.equal(await access([], { ...file, ...variable }).password(), 'of the variable')
  t.equal(await access([], file).password(), 'of the file')
})

for (const [text, password] of [
  ['secret', 'secret'],
  ['secret\n', 'secret'],
  ['secret\r\n', 'secret'],
  ['first\nsecond\n', 'first'],
  [' spaces stay \n', ' spaces stay '],
  ['pässwörd\n', 'pässwörd'],
] as const) {
  t.test(`the first line of ${JSON.stringify(text)} is the password`, async (t) => {
    t.equal(await access(['--password-file', fileWith(t, text)], {}).password(), password)
  })
}

t.test('the file is read anew each time', async (t) => {
  const file = fileWith(t, 'wrong')
  const { password } = access(['--password-file', file], {})
  t.equal(await password(), 'wrong')
  fs.writeFileSync(file, 'right')
  t.equal(await password(), 'right')
})

t.test('a file without a password is named, and is no reason to give up for good', async (t) => {
  const folder = t.testdir({ empty: '', blank: '\nsecond', nested: {} })
  for (const [name, message] of [
    ['empty', /is empty/],
    ['blank', /is empty/],
    ['missing', /ENOENT/],
    ['nested', /EISDIR/],
  ] as const) {
    const file = join(folder, name)
    const { password } = access(['--password-file', file], {})
    await t.rejects(password(), { code: 'configuration', message })
    await t.rejects(password(), { message: file })
  }
})

t.test('no password at all is a wrong command line, which says what to give', async (t) => {
  for (const environment of [{}, { MQTT_PASSWORD: '' }, { MQTT_PASSWORD_FILE: '' }]) {
    t.throws(() => access([], environment), { code: 'usage', message: /'light1'.*--password-file.*MQTT_PASSWORD/ })
  }
})

t.test('there is no option for the password itself', async (t) => {
  t.throws(() => access(['--password', 'secret'], {}), { code: 'usage' })
  t.notMatch(Object.keys(ACCESS_OPTIONS), ['password'])
})

t.test('the help names every option and variable, and the default user', async (t) => {
  const help = ACCESS_HELP("the light's name")
  for (const option of Object.keys(ACCESS_OPTIONS)) t.match(help, `--${option} `)
  for (const name of ['MQTT_URL', 'MQTT_USERNAME', 'MQTT_PASSWORD', 'MQTT_PASSWORD_FILE']) t.match(help, name)
  t.match(help, "the light's name")
})
