import t from 'tap'
import { monotonicNs, systemClock } from '../../../src/platform/clock.ts'

t.test('monotonic time is the line of time of the whole machine, in ms with fractions', async (t) => {
  const before = process.hrtime.bigint()
  const ms = systemClock.monotonicMs()
  const ns = monotonicNs()
  const after = process.hrtime.bigint()
  // A double carries these to within a microsecond.
  t.ok(Number(before) / 1e6 <= ms + 1e-3 && ms <= Number(after) / 1e6 + 1e-3)
  t.ok(before <= ns && ns <= after)
})

t.test('wall time is ms since 1970', async (t) => {
  const before = Date.now()
  const wallMs = systemClock.wallMs()
  t.ok(before <= wallMs && wallMs <= Date.now())
})

t.test('a task is never called early, however odd the delay', async (t) => {
  for (const delayMs of [0, 0.2, 1.5, 3.999]) {
    const startMs = systemClock.monotonicMs()
    await new Promise<void>((resolve) => systemClock.after(delayMs, resolve))
    const tookMs = systemClock.monotonicMs() - startMs
    t.ok(tookMs >= delayMs, `${tookMs} ms for ${delayMs}`)
  }
})

t.test('nor where other work keeps the event loop turning', async (t) => {
  let isOver = false
  const turn = (): void => void (isOver || setImmediate(turn))
  turn()
  const early: number[] = []
  for (let times = 0; times < 30; times += 1) {
    const startMs = systemClock.monotonicMs()
    await new Promise<void>((resolve) => systemClock.after(2.9, resolve))
    const tookMs = systemClock.monotonicMs() - startMs
    if (tookMs < 2.9) early.push(tookMs)
  }
  isOver = true
  t.same(early, [])
})

t.test('a delay in the past is due at once', (t) => void systemClock.after(-5, () => t.end()))

t.test('a wait longer than a timer can be is not over at once', async (t) => {
  let called = false
  const cancels = [2 ** 31, 1e12, Number.POSITIVE_INFINITY].map((delayMs) =>
    systemClock.after(delayMs, () => {
      called = true
    }),
  )
  // Node calls a timer that it cannot count after 1 ms.
  await new Promise<void>((resolve) => systemClock.after(5, resolve))
  for (const cancel of cancels) cancel()
  t.notOk(called)
})

t.test('a task that was cancelled is not called', async (t) => {
  const cancel = systemClock.after(1, () => t.fail('called'))
  cancel()
  cancel()
  await new Promise<void>((resolve) => systemClock.after(3, resolve))
})
