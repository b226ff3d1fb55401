import t, { type Test } from 'tap'
import { type Clock, systemClock } from '../../../src/platform/clock.ts'
import {
  type Call,
  type Command,
  parseCall,
  runCommand,
  untilStopped,
  wholeNumber,
} from '../../../src/platform/command.ts'
import { configurationError, failure, usageError } from '../../../src/platform/errors.ts'
import { startProgram } from '../../fixtures/program.ts'

const PROGRAM = 'waiting-program.js'

const commandWith = (run: Command['run']): Command => ({
  help: '\nUsage: crossing thing NAME [FILE]\n',
  options: { url: { type: 'string' }, role: { type: 'string', multiple: true }, control: { type: 'boolean' } },
  positionals: ['NAME', 'FILE?'],
  run,
})
const idle = commandWith(async () => 0)

const notRun = (): Promise<number> => Promise.reject(new Error('it was run'))

function called(argv: readonly string[], environment: NodeJS.ProcessEnv = {}): Call {
  const call = parseCall(idle, argv, environment)
  if (call === 'help') throw new Error('help')
  return call
}

t.test('a call has its positionals, options, flags and environment', async (t) => {
  const call = called(['a', '--url', 'u', '--control', 'b', '--role', 'x', '--role=y'], { HOME: 'h' })
  t.strictSame(call.positionals, ['a', 'b'])
  t.equal(call.option('url'), 'u')
  t.strictSame(call.options('role'), ['x', 'y'])
  t.equal(call.option('role'), 'y', 'the last one counts where one is asked for')
  t.equal(call.flag('control'), true)
  t.equal(call.environment['HOME'], 'h')
})

t.test('what was not given is absent', async (t) => {
  const call = called(['a'])
  t.equal(call.option('url'), undefined)
  t.strictSame(call.options('role'), [])
  t.equal(call.flag('control'), false)
  t.equal(call.option('control'), undefined, 'a flag has no value')
  t.equal(call.flag('url'), false, 'an option is no flag')
})

t.test('help is asked for with --help or -h, before anything is missing', async (t) => {
  for (const argv of [['--help'], ['-h'], ['a', 'b', 'c', '-h']]) t.equal(parseCall(idle, argv, {}), 'help')
})

const WRONG: readonly (readonly [readonly string[], RegExp])[] = [
  [[], /^NAME is missing$/],
  [['a', 'b', 'surplus'], /^unexpected argument 'surplus'$/],
  [['a', '--colour'], /^Unknown option '--colour'$/],
  [['a', '-x'], /^Unknown option '-x'$/],
  [['a', '--url'], /'--url <value>' argument missing/],
  [['a', '--url', '--control'], /'--url' argument is ambiguous/],
  [['a', '--control=yes'], /'--control' does not take an argument/],
  [['a', '--no-control'], /--no-control/],
]
for (const [argv, message] of WRONG) {
  t.test(`'${argv.join(' ')}' is refused in one line`, async (t) => {
    t.throws(() => parseCall(idle, argv, {}), { code: 'usage', message })
    t.throws(() => parseCall(idle, argv, {}), { message: /^[^\n]*$/ })
  })
}

t.test('what stands after -- is no option', async (t) => {
  t.strictSame(called(['--', '--help']).positionals, ['--help'])
})

t.test('a whole number is within its bounds, or the fallback', async (t) => {
  const port = commandWith(async () => 0)
  const number = (text?: string): number => {
    const call = parseCall(port, text === undefined ? ['a'] : ['a', `--url=${text}`], {})
    if (call === 'help') throw new Error('help')
    return wholeNumber(call, 'url', { min: 1, max: 65_535, fallback: 1883 })
  }
  t.equal(number(), 1883)
  t.equal(number('1'), 1)
  t.equal(number('65535'), 65_535)
  t.equal(number('007'), 7)
  for (const wrong of ['0', '65536', '', ' 1', '-1', '1.5', '1e3', '0x10', 'NaN', 'Infinity', '१']) {
    t.throws(() => number(wrong), { code: 'usage', message: `--url is '${wrong}': expected a whole number from 1 to` })
  }
})

/** What `runCommand` writes and gives. */
async function ran(t: Test, command: Command, argv: readonly string[]) {
  const stdout = t.capture(process.stdout, 'write', () => true)
  const stderr = t.capture(process.stderr, 'write', () => true)
  const running = runCommand('thing', command, argv)
  const textOf = (calls: readonly { readonly args: readonly unknown[] }[]): string =>
    calls.map(({ args }) => String(args[0])).join('')
  // Standard output is given back at once, since tap needs it; help is written before anything is waited for.
  const help = textOf(stdout())
  stdout.restore()
  const code = await running
  const errors = textOf(stderr())
  stderr.restore()
  return { code, help, errors }
}

t.test('help goes to standard output, and nothing is run', async (t) => {
  const command = commandWith(notRun)
  t.strictSame(await ran(t, command, ['--help']), {
    code: 0,
    help: 'Usage: crossing thing NAME [FILE]\n',
    errors: '',
  })
})

t.test('the exit code is that of the command', async (t) => {
  const { code, errors } = await ran(
    t,
    commandWith(async () => 3),
    ['a'],
  )
  t.equal(code, 3)
  t.equal(errors, '')
})

t.test('what the user can mend is said in one line, with the exit code of its kind', async (t) => {
  for (const [error, code, line] of [
    [usageError('no password'), 2, "crossing thing: no password (see 'crossing thing --help')\n"],
    [configurationError('users.json: no users'), 78, 'crossing thing: users.json: no users\n'],
    [failure('port 1883 is taken'), 1, 'crossing thing: port 1883 is taken\n'],
    ['thrown as text', 1, 'crossing thing: thrown as text\n'],
  ] as const) {
    const result = await ran(
      t,
      commandWith(() => Promise.reject(error)),
      ['a'],
    )
    t.equal(result.code, code)
    t.equal(result.errors, line)
  }
})

t.test('a command line that does not fit is said before anything is run', async (t) => {
  const { code, errors } = await ran(t, commandWith(notRun), [])
  t.equal(code, 2)
  t.equal(errors, "crossing thing: NAME is missing (see 'crossing thing --help')\n")
})

t.test('a defect is told with where it happened', async (t) => {
  const { code, errors } = await ran(
    t,
    commandWith(() => Promise.reject(new TypeError('of null'))),
    ['a'],
  )
  t.equal(code, 1)
  t.match(errors, /TypeError: of null\n +at /)
})

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  t.test(`${signal} asks to end, cleanly`, async (t) => {
    const program = startProgram(t, PROGRAM, [])
    await program.says('waiting')
    program.process.kill(signal)
    t.match(await program.ended, { code: 0, stdout: 'waiting\nstopped\n' })
  })
}

t.test('a second SIGINT or SIGTERM is for who will not wait', async (t) => {
  const program = startProgram(t, PROGRAM, ['linger'])
  await program.says('waiting')
  program.process.kill('SIGINT')
  await program.says('stopped')
  // What is not the echo of the first comes more than half a second later.
  const again = setInterval(() => program.process.kill('SIGTERM'), 100)
  await program.says('hurried')
  clearInterval(again)
  t.match(await program.ended, { code: 0, stdout: /^waiting\nstopped\n(hurried\n)+$/ })
})

t.test('a service is told by SIGHUP to read its files again, and goes on', async (t) => {
  const program = startProgram(t, PROGRAM, ['service'])
  await program.says('waiting')
  program.process.kill('SIGHUP')
  await program.says('told')
  program.process.kill('SIGTERM')
  t.match(await program.ended, { code: 0, stdout: 'waiting\ntold\nstopped\n' })
})

t.test('a SIGINT that arrives twice, as npm passes Ctrl-C on, is one', async (t) => {
  let nowMs = 1000
  const clock: Clock = { ...systemClock, monotonicMs: () => nowMs }
  const before = process.listeners('SIGINT')
  let hurried = 0
  const stopped = untilStopped(() => (hurried += 1), clock)
  const own = process.listeners('SIGINT').filter((listener) => !before.includes(listener))
  const interrupt = (): void => {
    for (const listener of own) listener('SIGINT')
  }
  interrupt()
  await stopped
  nowMs += 499
  interrupt()
  t.equal(hurried, 0, 'the echo')
  nowMs += 100
  interrupt()
  t.equal(hurried, 1, 'asked again')
})

t.test('a child ends when its parent closes the channel to it', async (t) => {
  const program = startProgram(t, PROGRAM, [], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  await program.says('waiting')
  program.process.disconnect()
  t.match(await program.ended, { code: 0, stdout: 'waiting\nstopped\n' })
})

t.test('a child whose parent was gone before it waited ends too', async (t) => {
  const program = startProgram(t, PROGRAM, ['late'], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] })
  await program.says('loading')
  program.process.disconnect()
  t.match(await program.ended, { code: 0, stdout: 'loading\nwaiting\nstopped\n' })
})
