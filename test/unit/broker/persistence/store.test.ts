import t, { type Test } from 'tap'
import { ClientIds } from '../../../../src/broker/client-ids.ts'
import { DEFAULT_LIMITS } from '../../../../src/broker/limits.ts'
import { NO_JOURNAL } from '../../../../src/broker/persistence/journal.ts'
import { Store } from '../../../../src/broker/persistence/store.ts'
import { systemClock } from '../../../../src/platform/clock.ts'
import { silentLogger } from '../../../../src/platform/log.ts'

/** A store in which `ann` has the session `stored`. */
async function storeFor(t: Test, mayStore: (filter: string) => boolean) {
  const owners = new ClientIds(DEFAULT_LIMITS)
  const store = new Store(() => NO_JOURNAL, {
    limits: DEFAULT_LIMITS,
    owners,
    mayStore: (_, filter) => mayStore(filter),
    logger: silentLogger,
    clock: systemClock,
  })
  await store.setup()
  t.teardown(() => store.destroy())
  owners.claim('stored', 'ann', false)
  await store.subscriptionsByClient({ id: 'stored' })
  return store
}

const payload = Buffer.from('x')
const message = { brokerId: 'b', brokerCounter: 1, topic: 'open', payload, qos: 1, retain: false } as const

t.test('of one SUBSCRIBE only what may be read is stored', async (t) => {
  const store = await storeFor(t, (filter) => filter === 'open')
  await store.addSubscriptions({ id: 'stored' }, [
    { topic: 'secret', qos: 1 },
    { topic: 'open', qos: 1 },
  ])
  t.strictSame(await store.subscriptionsByTopic('open'), [{ clientId: 'stored', topic: 'open', qos: 1 }])
  t.strictSame(await store.subscriptionsByTopic('secret'), [])
})

t.test('it counts what it keeps', async (t) => {
  const store = await storeFor(t, () => true)
  await store.addSubscriptions({ id: 'stored' }, [{ topic: 'open', qos: 1 }])
  await store.outgoingEnqueueCombi(await store.subscriptionsByTopic('open'), message)
  await store.storeRetained(message)
  const kept = { retainedMessages: 1, retainedBytes: 5, sessions: 1, queuedMessages: 1, queuedBytes: 5 }
  t.match(store.counts, { ...kept, queueDrops: 0, retainDrops: 0, storeFailures: 0 })
  store.drop({ id: 'stored' }, message)
  await store.storeRetained({ ...message, payload: Buffer.alloc(0) })
  t.match(store.counts, { retainedMessages: 0, retainedBytes: 0, sessions: 1, queuedMessages: 0, queuedBytes: 0 })
})

t.test('a message that is dropped, and one for nobody, are no error', async (t) => {
  const store = await storeFor(t, () => true)
  for (const id of ['stored', 'nobody']) {
    store.drop({ id }, message)
    await store.outgoingUpdate({ id }, { ...message, messageId: 1 })
    await store.outgoingClearMessageId({ id }, { ...message, messageId: 1 })
    await store.outgoingClearMessageId({ id }, message)
  }
  t.equal(store.counts.queuedMessages, 0)
})
