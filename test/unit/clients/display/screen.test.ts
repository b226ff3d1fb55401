import fs from 'node:fs'
import t, { type Test } from 'tap'
import {
  openScreen,
  type Picture,
  type ScreenOptions,
  type Size,
  sizeOf,
} from '../../../../src/clients/display/screen.ts'
import { systemClock } from '../../../../src/platform/clock.ts'
import { handClock } from '../../../fixtures/hand-clock.ts'
import { openTerminalReader, type TerminalReader } from '../../../fixtures/readers.ts'
import { type VirtualTerminal, virtualTerminal } from '../../../fixtures/virtual-terminal.ts'

const SIZE = { rows: 10, columns: 30 }

/** What was on the screen before: its cursor stands somewhere in the middle. */
const SHELL = '$ one\r\n$ two\r\n$ three\r\n'

const rowsOf = (...rows: string[]): Picture => ({ counts: false, rows: () => rows })

/** A terminal with a shell's output, and what it shows now. `MARK` tells that all was read. */
async function rig(
  t: Test,
  size: Size = SIZE,
): Promise<{ reader: TerminalReader; shown(): Promise<VirtualTerminal> } | null> {
  const reader = await openTerminalReader(t)
  if (reader === null) return null
  reader.resize(size)
  const start = reader.received().length
  fs.writeSync(reader.fd, SHELL.replaceAll('\r', ''))
  let marks = 0
  return {
    reader,
    async shown() {
      marks += 1
      const mark = `\x1b[${marks}m`
      fs.writeSync(reader.fd, mark)
      await reader.until((received) => received.includes(mark, start))
      return virtualTerminal(reader.received().slice(start), sizeOf(reader.fd))
    },
  }
}

const optionsOf = (t: Test, options: Partial<ScreenOptions> = {}): ScreenOptions => ({
  clock: systemClock,
  onFault: (error) => t.error(error),
  ...options,
})

const log = (reader: TerminalReader, from: number, to: number): void => {
  for (let line = from; line <= to; line += 1) fs.writeSync(reader.fd, `log ${line}\n`)
}

t.test('a picture takes the top, what stood there moves to the history, and the log begins below', async (t) => {
  const terminal = await rig(t)
  if (terminal === null) return
  const screen = openScreen(terminal.reader.fd, optionsOf(t))
  t.teardown(() => screen.close())
  screen.show(rowsOf('first', 'second', ''))
  log(terminal.reader, 1, 2)
  const { rows, history } = await terminal.shown()
  t.same(rows, ['first', 'second', '', 'log 1', 'log 2', '', '', '', '', ''])
  t.same(history.slice(0, 3), ['$ one', '$ two', '$ three'])
})

t.test('the log scrolls below the picture, and drawing anew does not disturb it', async (t) => {
  const terminal = await rig(t)
  if (terminal === null) return
  const screen = openScreen(terminal.reader.fd, optionsOf(t))
  t.teardown(() => screen.close())
  screen.show(rowsOf('first', 'second', ''))
  log(terminal.reader, 1, 20)
  fs.writeSync(terminal.reader.fd, 'half of ')
  screen.show(rowsOf('new', '2nd', ''))
  fs.writeSync(terminal.reader.fd, 'a line\n')
  log(terminal.reader, 21, 21)
  const { rows } = await terminal.shown()
  t.same(rows, ['new', '2nd', '', 'log 17', 'log 18', 'log 19', 'log 20', 'half of a line', 'log 21', ''])
})

t.test('closing gives the whole screen back, below the picture and the log', async (t) => {
  const terminal = await rig(t)
  if (terminal === null) return
  const screen = openScreen(terminal.reader.fd, optionsOf(t))
  screen.show(rowsOf('first', ''))
  log(terminal.reader, 1, 3)
  screen.close()
  screen.close()
  screen.show(rowsOf('late', ''))
  fs.writeSync(terminal.reader.fd, '$ ')
  const { rows, cursor } = await terminal.shown()
  t.same(rows.slice(0, 6), ['first', '', 'log 1', 'log 2', 'log 3', '$'])
  t.same(cursor, { row: 6, column: 3 })
  log(terminal.reader, 4, 10)
  t.same((await terminal.shown()).history.slice(-3), ['first', '', 'log 1'])
})

t.test('a screen that showed nothing leaves the terminal alone', async (t) => {
  const terminal = await rig(t)
  if (terminal === null) return
  openScreen(terminal.reader.fd, optionsOf(t)).close()
  const { rows, cursor } = await terminal.shown()
  t.same(rows.slice(0, 4), ['$ one', '$ two', '$ three', ''])
  t.same(cursor, { row: 4, column: 1 })
})

t.test('a successor draws in place of the one before and keeps its log', async (t) => {
  const terminal = await rig(t)
  if (terminal === null) return
  const first = openScreen(terminal.reader.fd, optionsOf(t))
  t.teardown(() => first.close())
  first.show(rowsOf('green', ''))
  log(terminal.reader, 1, 2)
  const successor = openScreen(terminal.reader.fd, optionsOf(t, { successor: true }))
  t.teardown(() => successor.close())
  successor.show(rowsOf('red', ''))
  log(terminal.reader, 3, 3)
  t.same((await terminal.shown()).rows.slice(0, 5), ['red', '', 'log 1', 'log 2', 'log 3'])
  first.show(rowsOf('green', ''))
  t.equal((await terminal.shown()).rows[0], 'green', 'the same picture is drawn again: another may have been between')
})

t.test('a successor that ends before it drew gives the whole terminal back all the same', async (t) => {
  const terminal = await rig(t)
  if (terminal === null) return
  const killed = openScreen(terminal.reader.fd, optionsOf(t))
  killed.show(rowsOf('green', ''))
  await terminal.shown()
  const before = terminal.reader.received().length
  openScreen(terminal.reader.fd, optionsOf(t, { successor: true })).close()
  await terminal.shown()
  t.match(terminal.reader.received().slice(before), '\x1b[r')
  killed.close()
})

t.test('a picture that counts is drawn anew when its text changed, and only then', async (t) => {
  const terminal = await rig(t)
  if (terminal === null) return
  const { clock, fire, waiting } = handClock()
  const screen = openScreen(terminal.reader.fd, optionsOf(t, { clock }))
  let text = '2 s'
  screen.show({ counts: true, rows: () => [text, ''] })
  await terminal.shown()
  const before = terminal.reader.received().length
  fire()
  await terminal.shown()
  t.notMatch(terminal.reader.received().slice(before), '2 s')
  text = '1 s'
  fire()
  t.equal((await terminal.shown()).rows[0], '1 s')
  t.ok(waiting())
  screen.show(rowsOf('red', ''))
  t.notOk(waiting(), 'a picture that does not count is left alone')
  screen.show({ counts: true, rows: () => [text, ''] })
  screen.close()
  t.notOk(waiting())
})

t.test('after a resize the picture fits the new size', async (t) => {
  const terminal = await rig(t)
  if (terminal === null) return
  const { clock, fire } = handClock()
  const screen = openScreen(terminal.reader.fd, optionsOf(t, { clock }))
  t.teardown(() => screen.close())
  screen.show({ counts: true, rows: ({ rows, columns }) => [`${columns}x${rows}`, ''] })
  log(terminal.reader, 1, 20)
  terminal.reader.resize({ rows: 6, columns: 25 })
  fire()
  log(terminal.reader, 21, 26)
  t.same((await terminal.shown()).rows, ['25x6', '', 'log 24', 'log 25', 'log 26', ''])
})

t.test('a picture that grows or shrinks leaves nothing of the one before', async (t) => {
  const terminal = await rig(t)
  if (terminal === null) return
  const screen = openScreen(terminal.reader.fd, optionsOf(t))
  t.teardown(() => screen.close())
  for (const rows of [
    ['a', 'b', 'c', ''],
    ['d', ''],
    ['e', 'f', 'g', ''],
  ]) {
    screen.show(rowsOf(...rows))
    log(terminal.reader, 1, 1)
    t.same(
      (await terminal.shown()).rows.filter((row) => row !== ''),
      [...rows.slice(0, -1), 'log 1'],
    )
  }
})

t.test('a picture that a frozen terminal did not take is drawn with all of its work later', async (t) => {
  const terminal = await rig(t)
  if (terminal === null) return
  const screen = openScreen(terminal.reader.fd, optionsOf(t))
  t.teardown(() => screen.close())
  await terminal.reader.stop()
  for (const aspect of ['red', 'amber', 'green']) screen.show(rowsOf(aspect, ''))
  terminal.reader.resume()
  await terminal.reader.until((received) => received.includes('green'))
  log(terminal.reader, 1, 1)
  const { rows, history } = await terminal.shown()
  t.same(rows.slice(0, 4), ['green', '', 'log 1', ''])
  t.ok(history.includes('$ three'))
  t.notMatch(terminal.reader.received(), 'amber')
})

t.test('the size is that of the terminal, and the usual one where it has none', async (t) => {
  const terminal = await rig(t)
  if (terminal === null) return
  const { reader } = terminal
  t.same(sizeOf(reader.fd), SIZE)
  const descriptors = (): number => fs.readdirSync('/proc/self/fd').length
  const before = descriptors()
  for (let round = 0; round < 100; round += 1) sizeOf(reader.fd)
  t.equal(descriptors(), before, 'asking leaves nothing open')
  reader.resize({ rows: 0, columns: 0 })
  t.same(sizeOf(reader.fd), { columns: 80, rows: 24 })
  await reader.leave()
  t.same(sizeOf(reader.fd), { columns: 80, rows: 24 })
})
