import t, { type Test } from 'tap'
import { type Display, ENDLESS } from '../../../../src/clients/display/display.ts'
import { frameOf } from '../../../../src/clients/display/frame.ts'
import { PLAIN_STYLE } from '../../../../src/clients/display/panel-style.ts'
import { canDraw, openTerminal, type TerminalOptions } from '../../../../src/clients/display/terminal.ts'
import { systemClock } from '../../../../src/platform/clock.ts'
import type { Aspect } from '../../../../src/protocol/aspect.ts'
import { displayContract } from '../../../fixtures/display-contract.ts'
import { handClock } from '../../../fixtures/hand-clock.ts'
import { openFifo, openTerminalReader, type Reader } from '../../../fixtures/readers.ts'
import { virtualTerminal } from '../../../fixtures/virtual-terminal.ts'

const environment = { TERM: 'xterm-256color', COLORTERM: 'truecolor' }
const SIZE = { rows: 24, columns: 80 }

/** The last picture begins where its first row is placed. */
const newestPicture = (received: string): string => received.slice(received.lastIndexOf('\x1b[1;1H'))

const pictureShows = (received: string, aspect: Aspect): boolean =>
  newestPicture(received).includes(aspect === 'flashing-red' ? 'flashing red' : `  ${aspect} `)

t.test('on a terminal', async (t) => {
  displayContract(t, async (t) => {
    const reader = await openTerminalReader(t)
    if (reader === null) return null
    return {
      open: (onFault) => openTerminal('light1', { fd: reader.fd, environment, clock: systemClock, onFault }),
      reader,
      shows: pictureShows,
      // A picture is a kilobyte and more, and a terminal keeps some of them.
      framesToFill: 200,
      elsewhere: { name: 'terminal', descriptor: reader.fd },
    }
  })
})

t.test('on a pipe', async (t) => {
  displayContract(t, async (t) => {
    const reader = await openFifo(t)
    return {
      open: (onFault) => openTerminal('light1', { fd: reader.fd, environment, clock: systemClock, onFault }),
      reader,
      shows: (received, aspect) => received.endsWith(`light1 ${aspect}\n`),
      // Thirteen bytes each, and a pipe keeps 64 KiB.
      framesToFill: 6000,
      elsewhere: { name: 'terminal', descriptor: reader.fd },
    }
  })
})

const open = (t: Test, reader: Reader, options: Partial<TerminalOptions> = {}): Display => {
  const clock = { ...systemClock, monotonicMs: () => 1000 }
  const onFault = (error: unknown) => t.error(error)
  const display = openTerminal('light1', { fd: reader.fd, environment, clock, onFault, ...options })
  t.teardown(() => display.close())
  return display
}

t.test('a terminal shows name, panel, aspect and the seconds left', async (t) => {
  const reader = await openTerminalReader(t)
  if (reader === null) return
  const start = reader.received().length
  const display = open(t, reader)
  t.equal(display.kind, 'terminal')
  display.show(frameOf('green', true), { endsAtMs: 4500 })
  await reader.until((received) => received.includes('green 4 s'))
  t.match(reader.received(), '\x1b[48;2;0;255;0m')
  const { rows } = virtualTerminal(reader.received().slice(start), SIZE)
  t.same([rows[0], rows[9], rows[10]], ['  light1', '  green 4 s', ''])
})

t.test('between frames the seconds left go on, and an end that is not known is left alone', async (t) => {
  const reader = await openTerminalReader(t)
  if (reader === null) return
  let nowMs = 1000
  const { clock, fire, waiting } = handClock(() => nowMs)
  const display = open(t, reader, { clock })
  display.show(frameOf('green', true), { endsAtMs: 4500 })
  nowMs = 3000
  fire()
  await reader.until((received) => received.includes('green 2 s'))
  t.ok(waiting())
  display.show(frameOf('red', true), ENDLESS)
  t.notOk(waiting())
})

t.test('with NO_COLOR the panel is made of letters', async (t) => {
  const reader = await openTerminalReader(t)
  if (reader === null) return
  const start = reader.received().length
  open(t, reader, { environment: { ...environment, NO_COLOR: '1' } }).show(frameOf('red-amber', true), ENDLESS)
  await reader.until((received) => received.includes('red-amber'))
  const { rows } = virtualTerminal(reader.received().slice(start), SIZE)
  t.equal(rows[1], '  R R R R R R R R')
  t.equal(rows[8], '  A A A A A A A A')
  t.notMatch(reader.received(), '\x1b[48')
})

t.test('the panel has the face that was asked for', async (t) => {
  const reader = await openTerminalReader(t)
  if (reader === null) return
  const start = reader.received().length
  const style = { ...PLAIN_STYLE, face: 'lamp', rotate: 180 } as const
  open(t, reader, { environment: { ...environment, NO_COLOR: '1' }, style }).show(frameOf('green', true), ENDLESS)
  await reader.until((received) => received.includes('green'))
  const { rows } = virtualTerminal(reader.received().slice(start), SIZE)
  t.same(rows.slice(1, 5), ['  . . G G G G . .', ...Array(2).fill('  . G G G G G G .'), '  . . . . . . . .'])
})

t.test('each picture is one update for a terminal that knows such, and clears no screen', async (t) => {
  const reader = await openTerminalReader(t)
  if (reader === null) return
  const display = open(t, reader)
  display.show(frameOf('green', true), ENDLESS)
  await reader.until((received) => received.includes('green'))
  const before = reader.received().length
  display.show(frameOf('amber', true), ENDLESS)
  await reader.until((received) => received.includes('\x1b[?2026l', before))
  const picture = reader.received().slice(before)
  t.ok(picture.startsWith('\x1b[?2026h') && picture.endsWith('\x1b[?2026l'))
  t.equal(picture.split('\x1b[?2026h').length, 2)
  t.notMatch(picture, '\x1b[2J')
})

t.test('a pipe gets a line for each change of aspect, and none for a flash', async (t) => {
  const reader = await openFifo(t)
  const display = open(t, reader)
  t.equal(display.kind, 'terminal')
  for (const lit of [true, false, true]) display.show(frameOf('flashing-red', lit), ENDLESS)
  display.show(frameOf('red', true), { endsAtMs: 5 })
  display.show(frameOf('red', true), { endsAtMs: 6 })
  display.show(frameOf('green', true), ENDLESS)
  await reader.until((received) => received.includes('green'))
  t.equal(reader.received(), 'light1 flashing-red\nlight1 red\nlight1 green\n')
})

t.test('pictures are drawn on a terminal that can place its cursor', async (t) => {
  const reader = await openTerminalReader(t)
  if (reader === null) return
  t.equal(canDraw(reader.fd, environment), true)
  t.equal(canDraw(reader.fd, {}), true)
  t.equal(canDraw(reader.fd, { TERM: 'dumb' }), false)
  t.equal(canDraw((await openFifo(t)).fd, environment), false)
  open(t, reader, { environment: { TERM: 'dumb' } }).show(frameOf('red', true), ENDLESS)
  await reader.until((received) => received.endsWith('light1 red\r\n'))
})

t.test('a light alone says what it is told of its link and its controller, where there is room', async (t) => {
  const reader = await openTerminalReader(t)
  if (reader === null) return
  const start = reader.received().length
  const display = open(t, reader)
  const notes = ['broker      connected', `controller  ${'x'.repeat(100)}`]
  display.show(frameOf('red', true), { endsAtMs: null, notes: () => notes })
  await reader.until((received) => received.includes('xxx'))
  const { rows } = virtualTerminal(reader.received().slice(start), SIZE)
  t.same(rows.slice(9, 14), ['  red', '', '  broker      connected', `  controller  ${'x'.repeat(66)}`, ''])
  reader.resize({ rows: 14, columns: 80 })
  display.show(frameOf('green', true), { endsAtMs: null, notes: () => notes })
  await reader.until((received) => received.includes('green'))
  t.notMatch(newestPicture(reader.received()), 'broker')
})

t.test(
  'its name scrolls in red until it has heard its controller, and whenever it is right of way it is shown',
  async (t) => {
    const reader = await openTerminalReader(t)
    if (reader === null) return
    let nowMs = 8 * 125
    const { clock, fire } = handClock(() => nowMs)
    const plain = { TERM: 'xterm', NO_COLOR: '1' }
    const display = open(t, reader, { clock, environment: plain })
    display.show(frameOf('flashing-red', false), { endsAtMs: null, heard: false })
    await reader.until((received) => received.includes('R . . . R R R'))
    nowMs += 125
    fire()
    await reader.until((received) => received.includes('  . . . R R R'))
    t.match(newestPicture(reader.received()), 'flashing red')
    t.notMatch(reader.received(), /[AG] /)
    display.show(frameOf('green', true), { endsAtMs: null, heard: false })
    await reader.until((received) => received.includes('G G G G G G G G'))
  },
)

t.test('after a resize the picture is drawn again by itself while anything in its caption runs', async (t) => {
  const reader = await openTerminalReader(t)
  if (reader === null) return
  const { clock, fire } = handClock()
  open(t, reader, { clock }).show(frameOf('red', true), { endsAtMs: null, notes: () => ['a note'] })
  await reader.until((received) => received.includes('a note'))
  const before = reader.received().length
  reader.resize({ rows: 30, columns: 60 })
  fire()
  await reader.until((received) => received.includes('a note', before))
  t.match(reader.received().slice(before), '\x1b[2J')
})
