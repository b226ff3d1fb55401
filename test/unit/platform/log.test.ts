import fs from 'node:fs'
import t, { type Test } from 'tap'
import { silentLogger } from '../../../src/platform/log.ts'
import { runProgram, startProgram } from '../../fixtures/program.ts'
import { openTerminalReader } from '../../fixtures/readers.ts'

const PROGRAM = 'logging-program.js'

const linesOf = (text: string): Record<string, unknown>[] =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

t.test('without a terminal each fact is a line of JSON on stderr', async (t) => {
  const { code, stdout, stderr } = await runProgram(t, PROGRAM, [], { environment: { LOG_LEVEL: undefined } })
  t.equal(code, 0)
  t.match(stdout, /^logged/)
  t.match(linesOf(stderr), [
    { level: 30, name: 'logging-program', msg: 'at_info', line: 1, time: Number },
    { level: 40, msg: 'at_warn' },
    { level: 50, msg: 'at_error' },
  ])
})

t.test('LOG_LEVEL says from which level on; one that is none means info', async (t) => {
  const lineCounts = { debug: 4, warn: 2, error: 1, loud: 3, '': 3, toString: 3 }
  await Promise.all(
    Object.entries(lineCounts).map(async ([level, count]) => {
      const { code, stderr } = await runProgram(t, PROGRAM, [], { environment: { LOG_LEVEL: level } })
      t.equal(code, 0, `LOG_LEVEL=${level}`)
      t.equal(linesOf(stderr).length, count, `LOG_LEVEL=${level}`)
    }),
  )
})

t.test('a full disk loses lines and nothing else', async (t) => {
  const full = fs.openSync('/dev/full', 'w')
  t.teardown(() => fs.closeSync(full))
  t.match(await runProgram(t, PROGRAM, ['5'], { stdio: ['ignore', 'pipe', full] }), { code: 0, stdout: /^logged/ })
})

t.test('a reader that is gone loses lines and nothing else', async (t) => {
  const program = startProgram(t, PROGRAM, ['50', '1000'])
  program.process.stderr?.destroy()
  t.match(await program.ended, { code: 0, stdout: /^logged/ })
})

t.test('a reader that is stuck costs neither time nor memory', async (t) => {
  const program = startProgram(t, PROGRAM, ['200', '10000'])
  program.process.stderr?.pause()
  await program.says('logged')
  program.process.stderr?.resume()
  const { code, stdout, stderr } = await program.ended
  t.equal(code, 0)
  const waiting = Number(/(\d+) bytes wait/.exec(stdout)?.[1])
  t.ok(waiting > 0 && waiting < 300 * 1024, `${waiting} of two million bytes wait`)
  t.ok(stderr.length < 2_000_000)
})

async function onTerminal(t: Test, environment: NodeJS.ProcessEnv): Promise<string | null> {
  const terminal = await openTerminalReader(t)
  if (terminal === null) return null
  const before = terminal.received().length
  t.equal((await runProgram(t, PROGRAM, [], { environment, stdio: ['ignore', 'pipe', terminal.fd] })).code, 0)
  await terminal.until((received) => received.includes('at_error'))
  return terminal.received().slice(before)
}

t.test('on a terminal it is for people: no JSON, no name, in colour', async (t) => {
  const text = await onTerminal(t, { NO_COLOR: undefined })
  if (text === null) return
  t.match(text, /\d\d:\d\d:\d\d/)
  t.match(text, 'WARN')
  t.match(text, '\x1b[')
  t.notMatch(text, '"msg"')
  t.notMatch(text, 'logging-program')
})

t.test('NO_COLOR takes the colour away', async (t) => {
  const text = await onTerminal(t, { NO_COLOR: '1' })
  if (text !== null) t.notMatch(text, '\x1b[')
})

t.test('the silent logger takes everything', async (t) => {
  for (const level of ['debug', 'info', 'warn', 'error'] as const) t.equal(silentLogger[level]({}, 'event'), undefined)
})
