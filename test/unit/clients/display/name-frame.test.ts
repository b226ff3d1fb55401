import t from 'tap'
import { columnsOf } from '../../../../src/clients/display/font.ts'
import { namePixels, SCROLL_MS } from '../../../../src/clients/display/name-frame.ts'

const NAME = 'light-1_Zq'
const STEPS = columnsOf(NAME).length + 8

t.test('whatever the time, a name is red and black', async (t) => {
  for (let step = 0; step < 2 * STEPS; step++) {
    const pixels = namePixels(NAME, step * SCROLL_MS + 1)
    t.equal(pixels.length, 64)
    t.ok(pixels.every(([red, green, blue]) => (red === 0 || red === 255) && green === 0 && blue === 0))
  }
})

t.test('it comes in at the right, moves to the left by a column a step, and begins again', async (t) => {
  const column = (step: number, index: number): boolean[] =>
    Array.from({ length: 8 }, (_, row) => (namePixels(NAME, step * SCROLL_MS)[row * 8 + index]?.[0] ?? 0) > 0)
  t.notOk(column(0, 7).some(Boolean))
  t.same(column(1, 7), [false, ...(columnsOf(NAME)[0] ?? []), false, false])
  for (let step = 1; step < STEPS; step++) t.same(column(step + 1, 6), column(step, 7), `step ${step}`)
  t.same(namePixels(NAME, STEPS * SCROLL_MS), namePixels(NAME, 0))
  t.same(namePixels(NAME, SCROLL_MS), namePixels(NAME, 2 * SCROLL_MS - 1), 'within a step it stands')
})
