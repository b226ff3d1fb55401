import t from 'tap'
import { afterPunctually, monotonicNs, systemClock } from '../../../src/platform/clock.ts'

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

const PUNCTUAL = { ...systemClock, after: afterPunctually }

for (const [name, clock] of Object.entries({ after: systemClock, afterPunctually: PUNCTUAL })) {
  t.test(`${name}: a task is never called early, however odd the delay`, async (t) => {
    for (const delayMs of [0, 0.2, 1.5, 3.999]) {
      const startMs = clock.monotonicMs()
      await new Promise<void>((resolve) => clock.after(delayMs, resolve))
      const tookMs = clock.monotonicMs() - startMs
      t.ok(tookMs >= delayMs, `${tookMs} ms for ${delayMs}`)
    }
  })

  t.test(`${name}: nor where other work keeps the event loop turning`, async (t) => {
    let isOver = false
    const turn = (): void => void (isOver || setImmediate(turn))
    turn()
    const early: number[] = []
    for (let times = 0; times < 30; times += 1) {
      const startMs = clock.monotonicMs()
      await new Promise<void>((resolve) => clock.after(2.9, resolve))
      const tookMs = clock.monotonicMs() - startMs
      if (tookMs < 2.9) early.push(tookMs)
    }
    isOver = true
    t.same(early, [])
  })

  t.test(`${name}: a delay in the past is due at once`, (t) => void clock.after(-5, () => t.end()))

  t.test(`${name}: a wait longer than a timer can be is not over at once`, async (t) => {
    let called = false
    const cancels = [2 ** 31, 1e12, Number.POSITIVE_INFINITY].map((delayMs) =>
      clock.after(delayMs, () => {
        called = true
      }),
    )
    // Node calls a timer that it cannot count after 1 ms.
    await new Promise<void>((resolve) => clock.after(5, resolve))
    for (const cancel of cancels) cancel()
    t.notOk(called)
  })

  t.test(`${name}: a task that was cancelled is not called`, async (t) => {
    const cancel = clock.after(1, () => t.fail('called'))
    cancel()
    cancel()
    await new Promise<void>((resolve) => clock.after(3, resolve))
  })
}

t.test('the punctual one stands still for the end of a wait, and for no more than that', async (t) => {
  const stood: number[] = []
  const { wait } = Atomics
  t.teardown(() => void Object.assign(Atomics, { wait }))
  Object.assign(Atomics, {
    wait(cell: Int32Array, index: number, value: number, ms: number) {
      stood.push(ms)
      return wait(cell, index, value, ms)
    },
  })
  // A machine that is late itself leaves nothing to wait for.
  while (stood.length < 5) await new Promise<void>((resolve) => afterPunctually(4.5, resolve))
  t.ok(Math.max(...stood) <= 1.5, `${stood}`)
  const before = stood.length
  await new Promise<void>((resolve) => systemClock.after(4.5, resolve))
  t.equal(stood.length, before, 'the other one never does')
})
