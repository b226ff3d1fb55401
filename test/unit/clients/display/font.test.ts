import t from 'tap'
import { columnsOf, GLYPH_ROWS } from '../../../../src/clients/display/font.ts'

const ALLOWED = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_'

t.test('every character that a name may hold has a picture of its own', async (t) => {
  const pictures = [...ALLOWED].map((character) => {
    const columns = columnsOf(character)
    t.ok(
      columns.every((column) => column.length === GLYPH_ROWS),
      character,
    )
    t.notOk(columns.at(-1)?.some(Boolean), `${character} keeps its distance`)
    return JSON.stringify(columns)
  })
  t.equal(new Set(pictures).size, ALLOWED.length)
  t.notOk(pictures.includes(JSON.stringify(columnsOf('?'))))
})

t.test('small letters look like capital ones', async (t) => {
  t.same(columnsOf('light-1_z'), columnsOf('LIGHT-1_Z'))
})

t.test('a line has its letters one after the other', async (t) => {
  t.same(columnsOf('AB'), [...columnsOf('A'), ...columnsOf('B')])
  t.same(columnsOf(''), [])
})
