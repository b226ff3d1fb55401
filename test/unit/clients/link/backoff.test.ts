import t from 'tap'
import { backoffMs } from '../../../../src/clients/link/backoff.ts'

const least = { uint32: () => 0 }
const most = { uint32: () => 2 ** 32 - 1 }

t.test('a wait is between 0.2 and 1 s, whatever chance says and however often it failed', async (t) => {
  for (let attempt = 0; attempt < 2000; attempt++) {
    const [leastMs, mostMs] = [backoffMs(least, attempt, false), backoffMs(most, attempt, false)]
    t.ok(leastMs >= 200 && mostMs <= 1000, `attempt ${attempt}: ${leastMs} to ${mostMs} ms`)
    if (attempt > 5) break
  }
  t.ok(backoffMs(most, 100_000, false) <= 1000)
})

t.test('waits grow, and are spread over a half of their length', async (t) => {
  const full = [0, 1, 2, 3].map((attempt) => Math.round(backoffMs(most, attempt, false)))
  t.strictSame(full, [400, 800, 1000, 1000])
  for (const attempt of [0, 1, 2]) {
    t.equal(backoffMs(least, attempt, false) * 2, Math.round(backoffMs(most, attempt, false)))
  }
})

t.test('after a refusal it is 5 s and up to a second more, however often', async (t) => {
  for (const attempt of [0, 1, 50]) {
    t.equal(backoffMs(least, attempt, true), 5000)
    t.equal(Math.round(backoffMs(most, attempt, true)), 6000)
  }
})
