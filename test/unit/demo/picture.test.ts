import t from 'tap'
import { runProgram } from '../../fixtures/program.ts'
import { openTerminalReader } from '../../fixtures/readers.ts'

const PROGRAM = 'picture-program.js'
const SHOWN = [
  'light1',
  'red',
  'light2',
  'red',
  'light1',
  'green',
  'light1',
  'green',
  'light2',
  'red',
  'light1',
  'amber',
]

t.test('without a terminal it is a line per change', async (t) => {
  const { code, stdout, stderr } = await runProgram(t, PROGRAM, SHOWN)
  t.equal(code, 0)
  t.equal(stdout, 'light1 red\nlight2 red\nlight1 green\nlight1 amber\n')
  t.equal(stderr, 'lined\n')
})

t.test('on a terminal it is a panel for each light that was heard of, with the footer below', async (t) => {
  const terminal = await openTerminalReader(t)
  if (terminal === null) return
  const environment = { TERM: 'xterm-256color', NO_COLOR: undefined }
  const stdio = ['ignore', terminal.fd, 'pipe'] as const
  const { code, stderr } = await runProgram(t, PROGRAM, ['light1', 'green'], { environment, stdio: [...stdio] })
  t.equal(code, 0)
  t.equal(stderr, 'drawn\n')
  await terminal.until((received) => received.includes('the footer') && received.includes('light1'))
  t.match(terminal.received(), 'green')
  t.notMatch(terminal.received(), 'light2')
})
