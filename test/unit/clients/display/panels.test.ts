import t from 'tap'
import { frameOf } from '../../../../src/clients/display/frame.ts'
import { drawPanels, fitPanels, type Panel, secondsLeft } from '../../../../src/clients/display/panels.ts'
import type { Aspect } from '../../../../src/protocol/aspect.ts'

const panel = (name: string, aspect: Aspect, secondsLeft: number | null = null, lit = true): Panel => ({
  name,
  frame: frameOf(aspect, lit),
  secondsLeft,
})

t.test('seconds left are rounded up, never negative, and unknown where the end is', async (t) => {
  t.equal(secondsLeft(null, 5), null)
  t.equal(secondsLeft(3000, 0), 3)
  t.equal(secondsLeft(3000.1, 0), 4)
  t.equal(secondsLeft(3000, 2999), 1)
  t.equal(secondsLeft(3000, 3000), 0)
  t.equal(secondsLeft(3000, 9000), 0)
})

t.test('panels stand side by side, with name above and aspect and seconds below', async (t) => {
  t.same(
    drawPanels([panel('light1', 'red-amber', 2), panel('light2', 'flashing-red', null, false)], {
      columns: 80,
      colours: 'none',
    }),
    [
      '  light1            light2          ',
      ...Array.from({ length: 4 }, () => '  R R R R R R R R   . . . . . . . . '),
      ...Array.from({ length: 4 }, () => '  A A A A A A A A   . . . . . . . . '),
      '  red-amber 2 s     flashing red    ',
      '',
    ],
  )
})

t.test('each aspect has its letter, where colours are not wanted', async (t) => {
  const letters = { red: 'R', green: 'G', amber: 'A', 'flashing-red': 'R' } as const
  for (const aspect of ['red', 'green', 'amber', 'flashing-red'] as const) {
    const [, first] = drawPanels([panel('light1', aspect)], { columns: 80, colours: 'none' })
    t.equal(first, `  ${`${letters[aspect]} `.repeat(8)}`)
  }
})

t.test('pixels are blanks on 24-bit colours, reset at the end of each panel', async (t) => {
  const rows = drawPanels([panel('light1', 'amber'), panel('light2', 'red')], { columns: 80, colours: 'full' })
  const blank = ' '.repeat(16)
  t.equal(rows[1], `  \x1b[48;2;255;140;0m${blank}\x1b[0m  \x1b[48;2;255;0;0m${blank}\x1b[0m`)
  t.notMatch(rows[0], '\x1b')
  t.notMatch(rows[9], '\x1b')
})

t.test('pixels of several colours in a row each have their own', async (t) => {
  const pixels = Array.from({ length: 64 }, (_, pixel) =>
    pixel % 2 === 0 ? ([1, 2, 3] as const) : ([4, 5, 6] as const),
  )
  const [, first] = drawPanels([{ name: 'x', frame: { aspect: 'red', lit: true, pixels }, secondsLeft: null }], {
    columns: 80,
    colours: 'full',
  })
  t.equal(first, `  ${'\x1b[48;2;1;2;3m  \x1b[48;2;4;5;6m  '.repeat(4)}\x1b[0m`)
})

t.test('panels that do not fit side by side go below, and no row is too wide', async (t) => {
  const panels = ['a', 'b', 'c'].map((name) => panel(name, 'green', 1))
  const rows = drawPanels(panels, { columns: 53, colours: 'none' })
  t.equal(rows.length, 22)
  t.ok(rows.every((row) => row.length <= 53))
  t.equal(rows[0]?.trim().split(/ +/).join(), 'a,b')
  t.equal(rows[11]?.trim(), 'c')
  t.equal(drawPanels(panels, { columns: 54, colours: 'none' }).length, 11)
  t.equal(drawPanels(panels, { columns: 1, colours: 'none' }).length, 33)
})

t.test('a long name is cut to the width of its panel', async (t) => {
  const [title] = drawPanels([panel('a-light-with-a-long-name', 'red')], { columns: 80, colours: 'none' })
  t.equal(title, '  a-light-with-a-…')
  t.equal(drawPanels([panel('x'.repeat(16), 'red')], { columns: 80, colours: 'none' })[0], `  ${'x'.repeat(16)}`)
})

t.test('a screen that is too small gets one line', async (t) => {
  const panels = [panel('light1', 'green', 2), panel('light2', 'red')]
  const fit = (columns: number, rows: number): readonly string[] =>
    fitPanels(panels, { columns, rows, colours: 'full' })
  t.same(fit(80, 11), ['light1 green 2 s  light2 red'])
  t.equal(fit(80, 12).length, 11)
  t.equal(fit(20, 23).length, 22)
  t.same(fit(19, 60), ['light1 green 2 s  l'])
})
