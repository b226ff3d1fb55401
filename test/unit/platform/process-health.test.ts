import { monitorEventLoopDelay } from 'node:perf_hooks'
import t from 'tap'
import { healthMonitor, heapBytes } from '../../../src/platform/process-health.ts'

t.test('memory and processor time are those of this process', async (t) => {
  const health = healthMonitor()
  t.ok(heapBytes() > 1e6)
  t.ok(health.residentBytes() > heapBytes() / 2)
  const before = health.cpuSeconds()
  t.ok(before > 0)
  while (health.cpuSeconds() === before);
  t.ok(health.cpuSeconds() > before)
  health.close()
})

/** Looks of a monitor at the event loop until something is measured: the first one only begins. */
const LOOKS = 2

/** Resolves when another monitor with as much time between its looks has measured. */
async function measured(): Promise<void> {
  const another = monitorEventLoopDelay({ resolution: 20 })
  another.enable()
  while (another.count < LOOKS) await new Promise(setImmediate)
  another.disable()
}

t.test('the lag of the event loop is measured from the first look on, and anew after each', async (t) => {
  const health = healthMonitor()
  t.equal(health.lagSeconds().size, 0)
  await measured()
  const heldUpMs = performance.now() + 200
  while (performance.now() < heldUpMs);
  await measured()
  const lag = health.lagSeconds()
  t.strictSame([...lag.keys()], ['0.5', '0.99', '1'])
  t.ok((lag.get('1') ?? 0) > 0.1, 'the loop was held up for 0.2 s')
  t.ok((lag.get('0.5') ?? 1) <= (lag.get('1') ?? 0))
  t.equal(health.lagSeconds().size, 0, 'nothing since')
  health.close()
})
