import { PassThrough } from 'node:stream'
import t from 'tap'
import { standardIo } from '../../../src/platform/standard-io.ts'

interface Typist {
  readonly stdin: PassThrough & { isTTY?: boolean; setRawMode?: (isRaw: boolean) => void }
  readonly stdout: PassThrough
  readonly stderr: PassThrough
  readonly rawModes: boolean[]
}

function streams(isTTY: boolean): Typist {
  const rawModes: boolean[] = []
  const stdin = Object.assign(new PassThrough(), { isTTY, setRawMode: (isRaw: boolean) => void rawModes.push(isRaw) })
  return { stdin, stdout: new PassThrough(), stderr: new PassThrough(), rawModes }
}

const text = (stream: PassThrough): string => String(stream.read() ?? '')

t.test('results go to standard output, notes to standard error', async (t) => {
  const { stdin, stdout, stderr } = streams(false)
  const io = standardIo({ stdin, stdout, stderr })
  io.print('result')
  io.note('note')
  t.equal(text(stdout), 'result\n')
  t.equal(text(stderr), 'note\n')
  t.notOk(io.isInteractive)
})

t.test('without a terminal a secret is the first line of standard input, and nothing is asked', async (t) => {
  for (const [input, secret] of [
    ['secret\nmore\n', 'secret'],
    ['secret\r\n', 'secret'],
    ['secret', 'secret'],
    ['\n', ''],
    ['ctrl\x03\x7f\n', 'ctrl\x03\x7f'],
    ['pässwörd\n', 'pässwörd'],
  ] as const) {
    const { stdin, stdout, stderr, rawModes } = streams(false)
    stdin.end(input)
    t.equal(await standardIo({ stdin, stdout, stderr }).askSecret('? '), secret)
    t.equal(text(stderr), '')
    t.strictSame(rawModes, [])
  }
})

t.test('an empty standard input gives no secret, however often it is asked', async (t) => {
  const { stdin, stdout, stderr } = streams(false)
  stdin.end()
  const io = standardIo({ stdin, stdout, stderr })
  t.equal(await io.askSecret('? '), null)
  t.equal(await io.askSecret('? '), null)
})

t.test('at a terminal a secret is not shown, and the terminal is as before', async (t) => {
  const { stdin, stdout, stderr, rawModes } = streams(true)
  const io = standardIo({ stdin, stdout, stderr })
  const answer = io.askSecret('Password: ')
  for (const key of ['w', 'r', '\x15', 's', 'é', 'x', '\x7f', 'y', '\b', 't', '\r']) stdin.write(key)
  t.equal(await answer, 'sét')
  t.equal(text(stderr), 'Password: \n')
  t.equal(text(stdout), '')
  t.strictSame(rawModes, [true, false])
  const second = io.askSecret('Again: ')
  stdin.write('sét\x04')
  t.equal(await second, 'sét')
})

t.test('two lines pasted at once answer two questions', async (t) => {
  const { stdin, stdout, stderr } = streams(true)
  const io = standardIo({ stdin, stdout, stderr })
  stdin.write('one\rtwo\r')
  t.strictSame([await io.askSecret('? '), await io.askSecret('? ')], ['one', 'two'])
})

t.test('Ctrl-C gives no secret and restores the terminal', async (t) => {
  const { stdin, stdout, stderr, rawModes } = streams(true)
  const io = standardIo({ stdin, stdout, stderr })
  stdin.write('half\x03')
  t.equal(await io.askSecret('? '), null)
  t.strictSame(rawModes, [true, false])
})

t.test('a line without end is not gathered for ever', async (t) => {
  const { stdin, stdout, stderr } = streams(true)
  stdin.write('x'.repeat(5000))
  t.equal((await standardIo({ stdin, stdout, stderr }).askSecret('? '))?.length, 4097)
})

t.test('an input that fails restores the terminal and says so', async (t) => {
  const { stdin, stdout, stderr, rawModes } = streams(true)
  const answer = standardIo({ stdin, stdout, stderr }).askSecret('? ')
  stdin.destroy(new Error('gone'))
  await t.rejects(answer, { message: 'gone' })
  t.strictSame(rawModes, [true, false])
})
