import * as fc from 'fast-check'
import t from 'tap'
import { HEAD, planOf, REACH } from '../../../../src/web/view/arms.ts'

const degreesOf = (lights: readonly string[], given: Readonly<Record<string, number>> = {}) =>
  planOf(lights, new Map(Object.entries(given))).arms.map(({ degrees }) => degrees)

t.test('arms come from the file, else from names, else they are spread evenly', async (t) => {
  t.strictSame(degreesOf(['light1', 'light2']), [180, 90], 'two roads that cross')
  t.strictSame(degreesOf(['a', 'b', 'c']), [0, 120, 240])
  t.strictSame(degreesOf(['north', 'east', 'south', 'west']), [0, 90, 180, 270])
  t.strictSame(degreesOf(['main-north-west', 'nw-left', 'station_s']), [315, 315, 180])
  t.strictSame(degreesOf(['light1', 'light2'], { light1: 0, light2: 200 }), [0, 200])
  t.strictSame(degreesOf(['light1', 'light2'], { light1: 10 }), [10, 180], 'as far from the others as can be')
})

t.test('of two lights each road goes on beyond the crossing', async (t) => {
  t.strictSame(planOf(['a', 'b'], new Map()).roads, [0, 90, 180, 270])
  t.strictSame(planOf(['a', 'b', 'c'], new Map()).roads, [0, 120, 240])
})

t.test('whatever the arms, everything is within the picture and no two signal heads are in one place', async () => {
  const lights = fc
    .integer({ min: 2, max: 16 })
    .map((count) => Array.from({ length: count }, (_, index) => `l${index}`))
  const property = fc.property(lights, (names) => {
    const { arms, scale } = planOf(names, new Map())
    for (const { head } of arms) {
      if (Math.abs(head.x) + (HEAD.width / 2) * scale > REACH + 1) throw new Error(`${head.x} of ${names.length}`)
      if (Math.abs(head.y) + (HEAD.height / 2) * scale > REACH + 1) throw new Error(`${head.y} of ${names.length}`)
    }
    for (const [index, one] of arms.entries()) {
      for (const other of arms.slice(index + 1)) {
        const isApart =
          Math.abs(one.head.x - other.head.x) >= HEAD.width * scale ||
          Math.abs(one.head.y - other.head.y) >= HEAD.height * scale
        if (!isApart) throw new Error(`${one.light} and ${other.light} of ${names.length} overlap`)
      }
    }
  })
  await fc.assert(property)
})

t.test('lights of one arm stand one behind the other', async (t) => {
  const { arms } = planOf(
    ['a', 'b', 'c'],
    new Map([
      ['a', 0],
      ['b', 0],
      ['c', 180],
    ]),
  )
  const [a, b] = arms
  t.ok(a !== undefined && b !== undefined && a.head.y - b.head.y >= HEAD.height - 1)
})
