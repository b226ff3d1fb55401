import * as fc from 'fast-check'
import t from 'tap'
import {
  ASPECTS,
  type Aspect,
  aspectAt,
  FLASH_HALF_MS,
  flashIsLit,
  type Interval,
  isNonRed,
  lightTime,
  nextChange,
  nextFlash,
  RED,
} from '../../../src/protocol/aspect.ts'

const interval = (from: number, until: number, red: number): Interval => ({
  from: lightTime(from),
  until: lightTime(until),
  red: lightTime(red),
})

const at = (one: Interval, redAmberMs: number, now: number) => aspectAt(one, redAmberMs, lightTime(now))

const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 })
/** Any number, those that are none among them. */
const any = fc.oneof(fc.double(), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY))
const ordered = fc.tuple(finite, finite, finite).map((times) => {
  const [from = 0, until = 0, red = 0] = times.sort((a, b) => a - b)
  return interval(from, until, red)
})
const redAmber = fc.oneof(fc.constant(0), fc.double({ noNaN: true, min: 0, max: 10_000 }))

t.test('green in [from, until), amber in [until, red), else red', async (t) => {
  const one = interval(1000, 3000, 4000)
  const seen = [999.999, 1000, 2999.999, 3000, 3999.999, 4000].map((now) => at(one, 0, now))
  t.same(seen, ['red', 'green', 'green', 'amber', 'amber', 'red'])
})

t.test('red-amber, where it is used, is the first part of green', async (t) => {
  const one = interval(1000, 5000, 6000)
  const seen = [999, 1000, 2999.999, 3000, 5000, 6000].map((now) => at(one, 2000, now))
  t.same(seen, ['red', 'red-amber', 'red-amber', 'green', 'amber', 'red'])
})

t.test('red-amber never lasts into amber', async (t) => {
  t.equal(at(interval(0, 1000, 2000), 5000, 999), 'red-amber')
  t.equal(at(interval(0, 1000, 2000), 5000, 1000), 'amber')
})

t.test('the interval {0, 0, 0} is red at all times', async () => {
  await fc.assert(fc.property(any, redAmber, (now, redAmberMs) => at(RED, redAmberMs, now) === 'red'))
})

t.test('whatever the numbers, NaN and Infinity among them, it is red unless now is within [from, red)', async () => {
  const wild = fc.tuple(any, any, any).map(([from, until, red]) => interval(from, until, red))
  await fc.assert(
    fc.property(wild, any, redAmber, (one, now, redAmberMs) => {
      const within = one.from <= now && now < one.red
      return (at(one, redAmberMs, now) === 'red') === !within
    }),
    { numRuns: 1000 },
  )
})

t.test('through an interval: red, red-amber, green, amber, red, each at most once and in this order', async () => {
  const order: readonly Aspect[] = ['red-amber', 'green', 'amber', 'red']
  const moments = fc.array(finite, { minLength: 20, maxLength: 20 })
  await fc.assert(
    fc.property(ordered, redAmber, moments, (one, redAmberMs, others) => {
      const near = [one.from, one.from + redAmberMs, one.until, one.red].flatMap((time) => [
        time - 1e-3,
        time,
        time + 1e-3,
      ])
      const times = [...near, ...others].sort((a, b) => a - b)
      const places = times.filter((now) => now >= one.from).map((now) => order.indexOf(at(one, redAmberMs, now)))
      const before = times.filter((now) => now < one.from)
      return (
        before.every((now) => at(one, redAmberMs, now) === 'red') &&
        places.every((place, index) => place >= (places[index - 1] ?? 0))
      )
    }),
  )
})

t.test('nothing changes before the next change, and nothing after the last', async () => {
  const within = fc.double({ noNaN: true, min: 0, max: 1, maxExcluded: true })
  await fc.assert(
    fc.property(ordered, redAmber, finite, within, (one, redAmberMs, now, part) => {
      const next = nextChange(one, redAmberMs, lightTime(now))
      const later = next === Number.POSITIVE_INFINITY ? now + part * 1e12 : Math.max(now, now + (next - now) * part)
      return next > now && (later >= next || at(one, redAmberMs, later) === at(one, redAmberMs, now))
    }),
  )
})

t.test('the changes of an interval are its from, the end of red-amber, its until and its red', async (t) => {
  const one = interval(1000, 5000, 6000)
  const changes = (redAmberMs: number): number[] => {
    const found: number[] = []
    let now = 0
    while (now !== Number.POSITIVE_INFINITY) {
      now = nextChange(one, redAmberMs, lightTime(now))
      found.push(now)
    }
    return found
  }
  t.same(changes(2000), [1000, 3000, 5000, 6000, Number.POSITIVE_INFINITY])
  t.same(changes(0), [1000, 5000, 6000, Number.POSITIVE_INFINITY])
  t.same(changes(9000), [1000, 5000, 6000, Number.POSITIVE_INFINITY])
})

t.test('green, amber and red-amber are non-red; red and flashing red are not', async (t) => {
  t.same(ASPECTS.filter(isNonRed), ['red-amber', 'green', 'amber'])
})

t.test('flashing red is lit for half of the time, 55 times a minute', async (t) => {
  const lit = Array.from({ length: 60_000 }, (_, ms) => flashIsLit(lightTime(ms)))
  const starts = lit.filter((one, ms) => one && lit[ms - 1] !== true).length
  t.ok(starts === 55 || starts === 56, { starts })
  const share = lit.filter((one) => one).length / lit.length
  t.ok(share >= 0.49 && share <= 0.51, { share })
})

t.test('the next flash is later than now, at most half a period away, and turns the flash over', async () => {
  const now = fc.oneof(
    finite,
    fc.integer({ min: -1e6, max: 1e6 }).map((count) => count * FLASH_HALF_MS),
  )
  await fc.assert(
    fc.property(now, (ms) => {
      const next = nextFlash(lightTime(ms))
      const middle = lightTime(next + FLASH_HALF_MS / 2)
      return (
        next > ms &&
        next - ms <= FLASH_HALF_MS * 1.001 &&
        flashIsLit(middle) !== flashIsLit(lightTime(next - FLASH_HALF_MS / 2))
      )
    }),
    { numRuns: 2000 },
  )
})
