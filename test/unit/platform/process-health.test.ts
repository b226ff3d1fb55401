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

t.test('the lag of the event loop is measured from the first look on, and anew after each', async (t) => {
  const health = healthMonitor()
  t.equal(health.lagSeconds().size, 0)
  const until = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
  await until(50)
  const heldUpMs = performance.now() + 200
  while (performance.now() < heldUpMs);
  await until(50)
  const lag = health.lagSeconds()
  t.strictSame([...lag.keys()], ['0.5', '0.99', '1'])
  t.ok((lag.get('1') ?? 0) > 0.1, 'the loop was held up for 0.2 s')
  t.ok((lag.get('0.5') ?? 1) <= (lag.get('1') ?? 0))
  t.equal(health.lagSeconds().size, 0, 'nothing since')
  health.close()
})
