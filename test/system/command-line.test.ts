/** Exit codes and streams of every command: data on stdout, one line of error on stderr. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { PASSWORD, writeUsers } from '../fixtures/crossing-users.ts'
import { lampsOf, runCrossing, startCrossing } from '../fixtures/processes.ts'
import { SIDE_BY_SIDE } from '../fixtures/rig-test.ts'
import { ROOT } from '../fixtures/root.ts'

t.jobs = SIDE_BY_SIDE

const COMMANDS = ['demo', 'broker', 'light', 'controller', 'mode', 'user', 'certs', 'check', 'simulate']

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))

interface Expected {
  readonly code: number
  readonly stdout?: RegExp | string
  readonly stderr?: RegExp | string
}

interface Given {
  readonly environment?: NodeJS.ProcessEnv
  readonly input?: string
  readonly files?: Readonly<Record<string, string>>
}

const command = (name: string, argv: readonly string[], expected: Expected, given: Given = {}): void =>
  void t.test(name, { buffered: true }, async (t) => {
    const cwd = t.testdir(given.files ?? {})
    writeUsers(join(cwd, 'users.json'))
    const { files: _, ...how } = given
    const { ending, stdout, stderr } = await runCrossing(argv, { cwd, ...how })
    t.same(ending, { code: expected.code, signal: null }, `exit code ${expected.code}`)
    t.match(stdout, expected.stdout ?? /^$/, 'stdout')
    t.match(stderr, expected.stderr ?? /^$/, 'stderr')
  })

/** One line that says which command, and nothing but that. */
const oneLine = (text: string): RegExp => new RegExp(`^crossing[^\\n]*: [^\\n]*${text}[^\\n]*\\n$`)

const WITH_PASSWORD = { MQTT_PASSWORD: PASSWORD }

command('no command shows the usage', [], { code: 0, stdout: /^Usage: crossing <command>/ })
command('--help shows the usage', ['--help'], { code: 0, stdout: /^Usage: crossing <command>/ })
command('--version shows the version', ['--version'], { code: 0, stdout: `${version}\n` })
for (const name of COMMANDS) {
  command(`${name} --help shows its usage`, [name, '--help'], {
    code: 0,
    stdout: new RegExp(`^Usage: crossing ${name}`),
  })
  command(`${name} --version shows the version`, [name, '--version'], { code: 0, stdout: `${version}\n` })
  command(`${name} refuses an unknown option`, [name, '--no-such-option'], {
    code: 2,
    stderr: oneLine("'--no-such-option'"),
  })
}

command('an unknown command is refused with the list of commands', ['lamp'], {
  code: 2,
  stderr: /^crossing: unknown command 'lamp'\n\nUsage: /,
})
command('a light without a password is refused', ['light', 'light1'], { code: 2, stderr: oneLine('--password-file') })
command('a controller without a password is refused', ['controller'], { code: 2, stderr: oneLine('--password-file') })
command('a light without a name is refused', ['light'], { code: 2, stderr: oneLine('NAME is missing') })
command(
  'a name that no light can have is refused',
  ['light', 'light 1'],
  { code: 2, stderr: oneLine("'light 1'") },
  { environment: WITH_PASSWORD },
)
command(
  'a light that the crossing does not have is refused with those that it has',
  ['light', 'light3', '--display', 'none'],
  { code: 78, stderr: oneLine("'light3'.*light1, light2") },
  { environment: WITH_PASSWORD },
)
command(
  'an unknown display is refused',
  ['light', 'light1', '--display', 'billboard'],
  { code: 2, stderr: oneLine("'billboard'") },
  { environment: WITH_PASSWORD },
)
const NO_URLS = ['http://127.0.0.1', 'nonsense', 'mqtt://', 'mqtt://user:secret@127.0.0.1', 'mqtt://127.0.0.1:99999']
for (const [who, urls] of [
  [['light', 'light1', '--display', 'none'], NO_URLS],
  [['controller'], NO_URLS.slice(0, 1)],
  [['mode'], NO_URLS.slice(0, 1)],
] as const) {
  for (const url of urls) {
    command(
      `${who[0]} refuses the URL ${url}`,
      [...who, '--url', url],
      { code: 78, stderr: oneLine('mqtt://HOST:PORT') },
      { environment: WITH_PASSWORD },
    )
  }
}

const SLIP = '{ "crossing": "demo", "lights": ["light1"], "stages": [] }'
const BAD_FILES: readonly (readonly [string, readonly string[]])[] = [
  ['check', ['check', 'bad.json']],
  ['demo', ['demo', '--crossing', 'bad.json']],
  ['broker', ['broker', '--crossing', 'bad.json', '--port', '0']],
  ['light', ['light', 'light1', '--crossing', 'bad.json', '--display', 'none']],
  ['controller', ['controller', '--crossing', 'bad.json']],
]
for (const [name, argv] of BAD_FILES) {
  command(
    `${name} refuses a bad crossing file with its mistakes`,
    argv,
    { code: 78, stderr: new RegExp(`^crossing ${name}: bad\\.json: `) },
    { environment: WITH_PASSWORD, files: { 'bad.json': SLIP } },
  )
}
command('check tells of a file that is not there', ['check', 'none.json'], { code: 78, stderr: oneLine('none\\.json') })
command('a broker without its users file is refused', ['broker', '--users', 'none.json', '--port', '0'], {
  code: 78,
  stderr: oneLine('none\\.json.*crossing user add'),
})
command('a port that is none is refused', ['broker', '--port', '99999'], { code: 2, stderr: oneLine("'99999'") })
const TLS = ['broker', '--port', '0', '--tls-port', '0', '--tls-cert', 'bad.crt', '--tls-key', 'bad.key']
command('a broker without its certificate is refused', TLS, { code: 78, stderr: oneLine('bad\\.crt.*crossing certs') })
command(
  'a broker with a bad certificate is refused',
  TLS,
  { code: 78, stderr: oneLine('bad\\.crt: no usable certificate') },
  { files: { 'bad.crt': 'nothing', 'bad.key': 'nothing' } },
)
command('TLS without a certificate is refused', TLS.slice(0, 5), { code: 2, stderr: oneLine('--tls-cert FILE') })
command('a certificate without TLS is refused', ['broker', ...TLS.slice(5)], { code: 2, stderr: oneLine('--tls-port') })
command('a broker that listens nowhere is refused', ['broker', '--port', 'none'], { code: 2, stderr: oneLine('none') })
command('certs without a host is refused', ['certs', 'certs'], { code: 78, stderr: oneLine('--host NAME') })
command(
  'a light refuses an authority that is none',
  ['light', 'light1', '--display', 'none', '--url', 'mqtts://127.0.0.1', '--ca', 'none.crt'],
  { code: 78, stderr: oneLine('none\\.crt') },
  { environment: WITH_PASSWORD },
)
command('a mode that is none is refused', ['mode', 'green'], { code: 2, stderr: oneLine("'green'.*auto, hold, flash") })
command(
  'a mode that reaches no broker fails',
  ['mode', 'hold', '--url', 'mqtt://127.0.0.1:1'],
  { code: 1, stderr: oneLine('nothing listens there') },
  { environment: WITH_PASSWORD },
)
command(
  'a user added is told on stdout',
  ['user', 'add', 'maker', '--role', 'viewer', '--cost', '4'],
  {
    code: 0,
    stdout: /^users\.json: maker was added/,
  },
  { input: 'secret\n' },
)
command(
  'a user who is there already is a failure',
  ['user', 'add', 'light1'],
  { code: 1, stderr: oneLine("'light1'") },
  { input: 'x\n' },
)
command(
  'a user without a password is refused',
  ['user', 'add', 'maker'],
  { code: 2, stderr: oneLine('standard input') },
  { input: '' },
)

async function portInUse(t: Test): Promise<number> {
  const squatter = createServer().listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => squatter.close())
  await once(squatter, 'listening')
  const address = squatter.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

for (const option of ['port', 'http-port']) {
  t.test(`a demo whose --${option} is in use fails, and says what to do`, { buffered: true }, async (t) => {
    const port = await portInUse(t)
    const demo = await runCrossing(['demo', `--${option}`, `${port}`], { cwd: t.testdir() })
    t.same(demo.ending, { code: 1, signal: null })
    t.equal(demo.stdout, '')
    t.match(demo.stderr, oneLine(`--${option} is ${port}: that port is in use on 127.0.0.1; choose another`))
  })
}

t.test('a broker whose port is in use fails, and says what to do', { buffered: true }, async (t) => {
  const port = await portInUse(t)
  const cwd = t.testdir()
  writeUsers(join(cwd, 'users.json'))
  const broker = await runCrossing(['broker', '--port', `${port}`], { cwd })
  t.same(broker.ending, { code: 1, signal: null })
  t.match(broker.stderr, oneLine(`port ${port}.*in use`))
})

/** Ends a long-running command with a signal, once it has said that it runs. */
const stopped = (name: string, argv: readonly string[], event: string, how: (t: Test) => Given = () => ({})): void =>
  void t.test(
    `${name} ends with exit code 0 on SIGTERM, its log on stderr as JSON lines`,
    { buffered: true },
    async (t) => {
      const cwd = t.testdir()
      writeUsers(join(cwd, 'users.json'))
      const running = startCrossing(argv, { cwd, environment: WITH_PASSWORD, ...how(t) })
      t.teardown(() => running.kill())
      await running.logs(event)
      running.signal('SIGTERM')
      t.same(await running.ended, { code: 0, signal: null })
      await running.closed
      t.equal(running.stdout, '')
      for (const line of running.stderr.trimEnd().split('\n')) t.match(JSON.parse(line), { level: Number, msg: String })
    },
  )

const UNREACHABLE = ['--url', 'mqtt://127.0.0.1:1']
stopped('a broker', ['broker', '--port', '0'], 'listening')
stopped('a light', ['light', 'light1', '--display', 'none', ...UNREACHABLE], 'not_connected')
stopped('a controller', ['controller', ...UNREACHABLE], 'not_connected')

// Not beside others: a lamp that a busy machine has taken for dead is no part of this.
t.test('a light on no terminal prints a line per change on stdout', async (t) => {
  const light = startCrossing(['light', 'light1', ...UNREACHABLE], { cwd: t.testdir(), environment: WITH_PASSWORD })
  t.teardown(() => light.kill())
  const twoLines = 'light1 red\nlight1 flashing-red\n'
  await light.prints(new RegExp(`^${twoLines}$`))
  // What the dead-man paints is a change too, and the red of the lamp after it is none.
  for (const lives of [2, 3]) {
    for (const { pid } of lampsOf(light.pid)) process.kill(pid, 'SIGKILL')
    await light.prints(new RegExp(`^(${twoLines}){${lives}}$`))
  }
  light.signal('SIGTERM')
  t.same(await light.ended, { code: 0, signal: null })
})
