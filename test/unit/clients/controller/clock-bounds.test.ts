import fc from 'fast-check'
import t from 'tap'
import { earliest, echoed, heard, latest, UNKNOWN, widthMs } from '../../../../src/clients/controller/clock-bounds.ts'
import { lightTime } from '../../../../src/protocol/aspect.ts'

const RHO = 0.002

t.test('of a light that was never heard anything is possible', (t) => {
  t.equal(earliest(UNKNOWN, RHO, 1000), Number.NEGATIVE_INFINITY)
  t.equal(latest(UNKNOWN, RHO, 1000), Number.POSITIVE_INFINITY)
  t.equal(widthMs(UNKNOWN, RHO, 1000), Number.POSITIVE_INFINITY)
  t.end()
})

t.test('a report bounds the clock from below, an echo from above', (t) => {
  const below = heard(UNKNOWN, RHO, lightTime(5000), 1000)
  t.ok(Math.abs(earliest(below, RHO, 1000) - 5000) < 1e-9)
  t.equal(latest(below, RHO, 1000), Number.POSITIVE_INFINITY)
  const both = echoed(below, RHO, lightTime(5010), 990)
  t.ok(Math.abs(latest(both, RHO, 990) - 5010) < 1e-9)
  t.end()
})

t.test('a sample that is older or worse changes nothing, whenever it comes', (t) => {
  const good = echoed(heard(UNKNOWN, RHO, lightTime(5000), 1000), RHO, lightTime(5002), 999)
  t.strictSame(heard(good, RHO, lightTime(5000), 1500), good, 'a report that took long')
  t.strictSame(echoed(good, RHO, lightTime(5400), 999), good, 'an echo that took long')
  t.strictSame(heard(good, RHO, lightTime(5000), 1000), good, 'a copy')
  t.end()
})

t.test('a clock that went back shows as bounds that exclude each other', (t) => {
  const bounds = heard(UNKNOWN, RHO, lightTime(5000), 1000)
  t.ok(widthMs(echoed(bounds, RHO, lightTime(4000), 2000), RHO, 2000) < 0)
  t.end()
})

t.test('the bounds hold for any clock that drifts within rho, any delays and any order', (t) => {
  const exchange = fc.record({
    sentAt: fc.double({ min: 0, max: 100_000, noNaN: true }),
    wayThere: fc.double({ min: 0, max: 5000, noNaN: true }),
    wayBack: fc.double({ min: 0, max: 60_000, noNaN: true }),
  })
  const clock = fc.record({
    offset: fc.double({ min: 0, max: 1e9, noNaN: true }),
    rate: fc.double({ min: 1 - RHO, max: 1 + RHO, noNaN: true }),
  })
  fc.assert(
    fc.property(
      clock,
      fc.array(exchange, { minLength: 1 }),
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      (it, all, t0) => {
        const read = (t: number) => lightTime(it.offset + it.rate * t)
        const bounds = all.reduce((known, { sentAt, wayThere, wayBack }) => {
          const at = read(sentAt + wayThere)
          const receivedAt = sentAt + wayThere + wayBack
          return echoed(heard(known, RHO, at, receivedAt), RHO, at, sentAt)
        }, UNKNOWN)
        // Bounds speak of times at or after the samples, and of rounding in the last digits nothing.
        const after = Math.max(...all.map(({ sentAt, wayThere, wayBack }) => sentAt + wayThere + wayBack)) + t0
        const rounding = 1e-5
        return (
          earliest(bounds, RHO, after) <= read(after) + rounding && read(after) <= latest(bounds, RHO, after) + rounding
        )
      },
    ),
  )
  t.end()
})
