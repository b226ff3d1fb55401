import t from 'tap'
import { Subscriptions } from '../../../src/broker/subscriptions.ts'

t.test('one client holds so many, and each filter once', async (t) => {
  const subscriptions = new Subscriptions(2)
  const owner = {}
  for (const filter of ['a', 'b', 'a']) t.ok(subscriptions.add('id', owner, filter))
  t.notOk(subscriptions.add('id', owner, 'c'))
  t.equal(subscriptions.count, 2)
  t.ok(subscriptions.has('id', 'b'))
  t.notOk(subscriptions.has('id', 'c'))
  t.notOk(subscriptions.has('other', 'a'))
  subscriptions.remove('id', ['a', 'never'])
  subscriptions.remove('other', ['b'])
  t.ok(subscriptions.add('id', owner, 'c'))
  t.equal(subscriptions.count, 2)
})

t.test('who takes a client id over begins anew, and the end of the one before changes nothing', async (t) => {
  const subscriptions = new Subscriptions(2)
  const [before, after] = [{}, {}]
  subscriptions.add('id', before, 'a')
  subscriptions.add('id', after, 'b')
  t.notOk(subscriptions.has('id', 'a'))
  subscriptions.clear('id', before)
  t.equal(subscriptions.count, 1)
  subscriptions.clear('id', after)
  subscriptions.clear('id', after)
  t.equal(subscriptions.count, 0)
})
