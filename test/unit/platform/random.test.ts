import t from 'tap'
import { randomId, systemRandom, unitInterval } from '../../../src/platform/random.ts'

t.test('an id is 24 hexadecimal digits, of three draws, leading zeros kept', async (t) => {
  const draws = [0, 0xffffffff, 0xab]
  t.equal(randomId({ uint32: () => draws.shift() ?? 0 }), '00000000ffffffff000000ab')
  t.not(randomId(systemRandom), randomId(systemRandom))
})

t.test('the unit interval includes 0 and not 1', async (t) => {
  t.equal(unitInterval({ uint32: () => 0 }), 0)
  t.ok(unitInterval({ uint32: () => 2 ** 32 - 1 }) < 1)
  t.equal(unitInterval({ uint32: () => 2 ** 31 }), 0.5)
})

t.test('the system draws whole numbers of all 32 bits', async (t) => {
  const draws = Array.from({ length: 1000 }, () => systemRandom.uint32())
  t.ok(draws.every((draw) => Number.isInteger(draw) && draw >= 0 && draw < 2 ** 32))
  // Any one bit is missing from all of them once in 2^1000 runs.
  t.equal(
    draws.reduce((bits, draw) => bits | draw, 0),
    -1,
  )
})
