import t from 'tap'
import { createPersistence } from '../../../src/broker/persistence.ts'

t.test('of one SUBSCRIBE only what may be read is stored', async (t) => {
  const store = createPersistence((clientId, filter) => clientId === 'ann' && filter === 'open')
  const subscriptions = [
    { topic: 'secret', qos: 1 },
    { topic: 'open', qos: 1 },
  ]
  await store.addSubscriptions({ id: 'ann' }, subscriptions)
  await store.addSubscriptions({ id: 'eve' }, subscriptions)
  // What aedes asks when a message is published: for whom it is to be queued.
  const queuedFor = async (topic: string): Promise<unknown> =>
    Reflect.apply(Reflect.get(store, 'subscriptionsByTopic'), store, [topic])
  t.match(await queuedFor('open'), [{ clientId: 'ann' }])
  t.strictSame(await queuedFor('secret'), [])
  await store.removeSubscriptions({ id: 'ann' }, ['open'])
  t.strictSame(await queuedFor('open'), [])
  await store.destroy()
})

t.test('stores do not share anything', async (t) => {
  const [one, other] = [createPersistence(() => true), createPersistence(() => true)]
  await one.addSubscriptions({ id: 'ann' }, [{ topic: 'a' }])
  t.strictSame(await Reflect.apply(Reflect.get(other, 'subscriptionsByClient'), other, [{ id: 'ann' }]), [])
  await Promise.all([one.destroy(), other.destroy()])
})
