import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type Ending, runProgram, startProgram } from '../fixtures/program.ts'
import { ROOT } from '../fixtures/root.ts'

const CLI = join(ROOT, 'dist/program/cli.js')

/** A broker that nobody started. */
const NOWHERE = ['--url', 'mqtt://127.0.0.1:9']

const run = (t: Test, ...argv: string[]): Promise<Ending> =>
  runProgram(t, CLI, argv, { environment: { MQTT_PASSWORD: undefined, MQTT_PASSWORD_FILE: undefined } })

t.test('the version is that of the package', async (t) => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  t.strictSame(await run(t, '--version'), { code: 0, signal: null, stdout: `${version}\n`, stderr: '' })
})

t.test('help lists every command, on standard output, asked for or not', async (t) => {
  const [plain, asked] = await Promise.all([run(t), run(t, '--help')])
  t.equal(plain.code, 0)
  t.strictSame(asked, plain)
  for (const name of ['demo', 'broker', 'light', 'controller', 'mode', 'reset', 'user', 'check']) {
    t.match(plain.stdout, new RegExp(`^  ${name} +\\w`, 'm'))
  }
})

t.test('an unknown command is a usage error, and prototypes hold none', async (t) => {
  for (const { code, stdout, stderr } of await Promise.all([run(t, 'ligth'), run(t, 'constructor')])) {
    t.equal(code, 2)
    t.equal(stdout, '')
    t.match(stderr, /^crossing: unknown command '(ligth|constructor)'\n\nUsage:/)
  }
})

t.test('a command line that does not fit is said in one line, with exit code 2', async (t) => {
  t.strictSame(await run(t, 'light'), {
    code: 2,
    signal: null,
    stdout: '',
    stderr: "crossing light: NAME is missing (see 'crossing light --help')\n",
  })
})

t.test('a light and a controller in one process end cleanly when they are asked to', async (t) => {
  const program = startProgram(
    t,
    CLI,
    ['light', 'light1', ...NOWHERE, '--password-file', 'LICENSE', '--display', 'terminal', '--control'],
    { environment: { LIGHT_TRACE: `${t.testdir({})}/trace` } },
  )
  await program.says('light1 red')
  await program.says('nothing listens there', 'stderr')
  program.process.kill('SIGTERM')
  const { code, signal } = await program.ended
  t.strictSame({ code, signal }, { code: 0, signal: null })
  t.match(JSON.parse(readFileSync(`${t.testdirName}/trace`, 'utf8').split('\n')[0] ?? ''), { light: 'light1' })
})

t.test('a controller ends cleanly when it is asked to', async (t) => {
  const program = startProgram(t, CLI, ['controller', ...NOWHERE, '--password-file', 'LICENSE'])
  await new Promise<void>((resolve) => program.process.stderr?.once('data', () => resolve()))
  program.process.kill('SIGINT')
  t.match(await program.ended, { code: 0, signal: null })
})
