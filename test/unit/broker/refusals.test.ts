import t from 'tap'
import { Refusals } from '../../../src/broker/refusals.ts'

t.test('a topic is logged at once, and then every ten seconds with a count', async (t) => {
  const refusals = new Refusals()
  t.strictSame(refusals.note('a', 0).log, { subject: 'a', count: 1 })
  for (let at = 1; at <= 5; at += 1) t.equal(refusals.note('a', at).log, null)
  t.strictSame(refusals.note('b', 6).log, { subject: 'b', count: 1 })
  t.equal(refusals.note('a', 9999).log, null)
  t.strictSame(refusals.note('a', 10_000).log, { subject: 'a', count: 7 })
})

t.test('topics beyond fifty are logged as one', async (t) => {
  const refusals = new Refusals()
  for (let index = 0; index < 50; index += 1) refusals.note(`topic ${index}`, 0)
  t.strictSame(refusals.note('one more', 0).log, { subject: 'other topics', count: 1 })
  t.equal(refusals.note('and one more', 0).log, null)
  t.strictSame(refusals.note('again', 10_000).log, { subject: 'other topics', count: 2 })
})

t.test('only the beginning of a long topic is kept', async (t) => {
  t.equal(new Refusals().note('x'.repeat(65_000), 0).log?.subject.length, 120)
})

t.test('more than a thousand in ten seconds are a flood', async (t) => {
  const refusals = new Refusals()
  for (let count = 1; count <= 1000; count += 1) t.notOk(refusals.note('a', count).isFlood)
  t.ok(refusals.note('a', 1001).isFlood)
  t.notOk(refusals.note('a', 10_001).isFlood, 'in the next ten seconds it counts anew')
})
