import t from 'tap'
import type { Verdict } from '../../../../src/broker/auth/password.ts'
import { TimedPasswords } from '../../../../src/broker/auth/timed-passwords.ts'
import { HASH, PASSWORD, quickPasswords } from '../../../fixtures/broker-pair.ts'
import { ManualClock } from '../../../fixtures/manual-clock.ts'

t.test('it says how long each check took', async (t) => {
  const clock = new ManualClock()
  const answers: ((verdict: Verdict) => void)[] = []
  const verify = (): Promise<Verdict> => new Promise((resolve) => answers.push(resolve))
  const times: number[] = []
  const timed = new TimedPasswords({ ...quickPasswords, verify }, clock, (seconds) => times.push(seconds))
  const checks = [timed.verify(Buffer.from('a'), HASH), timed.verify(Buffer.from('b'), HASH)]
  clock.advance(250)
  answers[0]?.('wrong')
  t.equal(await checks[0], 'wrong')
  answers[1]?.('unavailable')
  t.equal(await checks[1], 'unavailable')
  t.strictSame(times, [0.25], 'a check that never was took no time')
})

t.test('all else is as without it', async (t) => {
  await using timed = new TimedPasswords(quickPasswords, new ManualClock(), () => {})
  t.equal(await timed.verify(Buffer.from(PASSWORD), await timed.hash(PASSWORD)), 'right')
})
