import t from 'tap'
import { FailureLimit } from '../../../../src/broker/auth/failure-limit.ts'
import { ManualClock } from '../../../fixtures/manual-clock.ts'

const BOUNDS = { failuresMax: 3, failureMs: 1000 }

function limitOf() {
  const clock = new ManualClock()
  const limit = new FailureLimit(BOUNDS, clock)
  const fail = (subject: string): boolean => {
    const isPermitted = limit.begin(subject)
    if (isPermitted) limit.end(subject, 'wrong')
    return isPermitted
  }
  return { clock, limit, fail }
}

t.test('so many failures are checked and no more, of that subject alone', async (t) => {
  const { fail } = limitOf()
  t.strictSame([fail('a'), fail('a'), fail('a'), fail('a')], [true, true, true, false])
  t.equal(fail('b'), true)
})

t.test('it is over after its time, from the first failure on, however many were refused', async (t) => {
  const { clock, fail } = limitOf()
  fail('a')
  clock.advance(900)
  fail('a')
  fail('a')
  for (let refused = 0; refused < 10; refused += 1) {
    clock.advance(10)
    t.equal(fail('a'), false)
  }
  clock.advance(1)
  t.strictSame([fail('a'), fail('a'), fail('a'), fail('a')], [true, true, true, false])
})

t.test('a success resets', async (t) => {
  const { limit, fail } = limitOf()
  fail('a')
  fail('a')
  limit.begin('a')
  limit.end('a', 'right')
  t.strictSame([fail('a'), fail('a'), fail('a'), fail('a')], [true, true, true, false])
  limit.forget('a')
  t.equal(fail('a'), true)
})

t.test('what is under way counts as a failure until its verdict', async (t) => {
  const { limit } = limitOf()
  t.strictSame(
    [1, 2, 3, 4].map(() => limit.begin('a')),
    [true, true, true, false],
  )
  limit.end('a', 'unavailable')
  t.equal(limit.begin('a'), true, 'one that was never checked is no failure')
  limit.end('a', 'wrong')
  t.equal(limit.begin('a'), false)
  limit.end('a', 'wrong')
  limit.end('a', 'wrong')
  t.equal(limit.begin('a'), false)
})

t.test('a refusal is news once each time that the limit is reached', async (t) => {
  const { clock, limit, fail } = limitOf()
  t.equal(limit.isNews('a'), false)
  for (let count = 0; count < 3; count += 1) fail('a')
  t.strictSame([limit.isNews('a'), limit.isNews('a')], [true, false])
  clock.advance(1001)
  for (let count = 0; count < 3; count += 1) fail('a')
  t.equal(limit.isNews('a'), true)
})

t.test('a flood of subjects takes bounded memory, and the newest are the ones that count', async (t) => {
  const { fail } = limitOf()
  for (let index = 0; index < 20_000; index += 1) fail(`subject ${index}`)
  const last = (): boolean => fail('subject 19999')
  t.strictSame([last(), last(), last()], [true, true, false])
  const first = (): boolean => fail('subject 0')
  t.strictSame([first(), first(), first(), first()], [true, true, true, false], 'forgotten')
})
