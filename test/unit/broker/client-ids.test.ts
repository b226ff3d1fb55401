import t from 'tap'
import { ClientIds } from '../../../src/broker/client-ids.ts'

t.test('an id in use is refused to another user, and not to its own', async (t) => {
  const ids = new ClientIds({ sessionsMax: 1000 })
  t.equal(ids.claim('id', 'ann', true), null)
  t.match(ids.claim('id', 'bob', true), /another user/)
  t.match(ids.claim('id', 'bob', false), /another user/)
  t.equal(ids.claim('id', 'ann', true), null)
  t.equal(ids.ownerOf('id'), 'ann')
})

t.test('an id is free once its last connection is gone', async (t) => {
  const ids = new ClientIds({ sessionsMax: 1000 })
  ids.claim('id', 'ann', true)
  ids.claim('id', 'ann', true)
  ids.release('id')
  t.match(ids.claim('id', 'bob', true), /another user/)
  ids.release('id')
  t.equal(ids.ownerOf('id'), undefined)
  t.equal(ids.claim('id', 'bob', true), null)
})

t.test('an id with a stored session stays with its user until a clean session ends', async (t) => {
  const ids = new ClientIds({ sessionsMax: 1000 })
  ids.claim('id', 'ann', false)
  ids.release('id')
  t.equal(ids.ownerOf('id'), 'ann')
  t.match(ids.claim('id', 'bob', true), /another user/)
  ids.claim('id', 'ann', true)
  ids.release('id')
  t.equal(ids.claim('id', 'bob', true), null)
})

t.test('a session from before the broker started stays with its user', async (t) => {
  const ids = new ClientIds({ sessionsMax: 1000 })
  ids.restore('id', 'ann')
  t.equal(ids.ownerOf('id'), 'ann')
  t.match(ids.claim('id', 'bob', false), /another user/)
  t.match(ids.claim('id', 'bob', true), /another user/)
  t.equal(ids.claim('id', 'ann', false), null)
  ids.release('id')
  t.equal(ids.ownerOf('id'), 'ann')
})

t.test('a user has at most a hundred stored sessions', async (t) => {
  const ids = new ClientIds({ sessionsMax: 1000 })
  for (let index = 0; index < 100; index += 1) t.equal(ids.claim(`id${index}`, 'ann', false), null)
  t.match(ids.claim('one more', 'ann', false), /100 stored sessions/)
  t.equal(ids.ownerOf('one more'), undefined)
  t.equal(ids.claim('id0', 'ann', false), null, 'one that is stored already')
  t.equal(ids.claim('one more', 'ann', true), null, 'one that is not stored')
  t.equal(ids.claim('another', 'bob', false), null)
})

t.test('releasing an id that nobody holds changes nothing', async (t) => {
  const ids = new ClientIds({ sessionsMax: 1000 })
  ids.release('id')
  t.equal(ids.ownerOf('id'), undefined)
})

t.test('more stored sessions than the broker keeps are refused, and there is room again once one has ended', (t) => {
  const ids = new ClientIds({ sessionsMax: 2 })
  t.equal(ids.claim('a', 'ann', false), null)
  t.equal(ids.claim('b', 'bob', false), null)
  t.match(ids.claim('c', 'cid', false), /2 stored sessions already/)
  t.equal(ids.claim('c', 'cid', true), null, 'a clean one stores nothing')
  t.equal(ids.claim('a', 'ann', false), null, 'one that is stored already is none more')
  ids.end('b')
  t.equal(ids.claim('d', 'dan', false), null)
  t.end()
})

t.test('a session of an earlier run belongs to its user until it ends', (t) => {
  const ids = new ClientIds({ sessionsMax: 2 })
  ids.restore('a', 'ann')
  t.equal(ids.ownerOf('a'), 'ann')
  t.notOk(ids.isConnected('a'))
  t.match(ids.claim('a', 'eve', false), /another user/)
  ids.end('a')
  t.equal(ids.ownerOf('a'), undefined)
  t.equal(ids.claim('a', 'eve', false), null)
  t.ok(ids.isConnected('a'))
  ids.end('a')
  t.equal(ids.ownerOf('a'), 'eve', 'who is connected stays')
  t.end()
})
