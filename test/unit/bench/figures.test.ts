import t from 'tap'
import { isMet, rowOf, tableOf } from '../../../bench/figures.ts'

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)

t.test('percentiles are values that were measured, whatever their order', (t) => {
  t.strictSame(rowOf('late', upTo(300).reverse()).figures, { count: 300, min: 1, p50: 150, p99: 297, max: 300 })
  t.strictSame(rowOf('late', [7]).figures, { count: 1, min: 7, p50: 7, p99: 7, max: 7 })
  t.end()
})

t.test('where nothing was measured there are no figures', (t) => {
  t.throws(() => rowOf('late', []), RangeError)
  t.end()
})

t.test('an aim is met up to its figure', (t) => {
  t.ok(isMet(rowOf('late', upTo(300), { of: 'p99', atMost: 297 })))
  t.notOk(isMet(rowOf('late', upTo(300), { of: 'p99', atMost: 296 })))
  t.notOk(isMet(rowOf('late', upTo(300), { of: 'max', atMost: 297 })))
  t.ok(isMet(rowOf('late', upTo(300))))
  t.end()
})

t.test('a table says of each aim whether it was met', (t) => {
  const rows = [rowOf('late', [1, 20, 300], { of: 'max', atMost: 6 }), rowOf('early', [1], { of: 'max', atMost: 6 })]
  t.equal(
    tableOf([...rows, rowOf('size', [2.345])]),
    `|  | n | min | p50 | p99 | max | aim |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
| late | 3 | 1.00 | 20.0 | 300 | 300 | max at most 6: MISSED |
| early | 1 | 1.00 | 1.00 | 1.00 | 1.00 | max at most 6: met |
| size | 1 | 2.35 | 2.35 | 2.35 | 2.35 |  |`,
  )
  t.end()
})
