import t from 'tap'
import { ClientIds } from '../../../src/broker/client-ids.ts'

t.test('an id in use is refused to another user, and not to its own', async (t) => {
  const ids = new ClientIds()
  t.equal(ids.claim('id', 'ann', true), null)
  t.match(ids.claim('id', 'bob', true), /another user/)
  t.match(ids.claim('id', 'bob', false), /another user/)
  t.equal(ids.claim('id', 'ann', true), null)
  t.equal(ids.ownerOf('id'), 'ann')
})

t.test('an id is free once its last connection is gone', async (t) => {
  const ids = new ClientIds()
  ids.claim('id', 'ann', true)
  ids.claim('id', 'ann', true)
  ids.release('id')
  t.match(ids.claim('id', 'bob', true), /another user/)
  ids.release('id')
  t.equal(ids.ownerOf('id'), undefined)
  t.equal(ids.claim('id', 'bob', true), null)
})

t.test('an id with a stored session stays with its user until a clean session ends', async (t) => {
  const ids = new ClientIds()
  ids.claim('id', 'ann', false)
  ids.release('id')
  t.equal(ids.ownerOf('id'), 'ann')
  t.match(ids.claim('id', 'bob', true), /another user/)
  ids.claim('id', 'ann', true)
  ids.release('id')
  t.equal(ids.claim('id', 'bob', true), null)
})

t.test('a session from before the broker started stays with its user', async (t) => {
  const ids = new ClientIds()
  ids.restore('id', 'ann')
  t.equal(ids.ownerOf('id'), 'ann')
  t.match(ids.claim('id', 'bob', false), /another user/)
  t.match(ids.claim('id', 'bob', true), /another user/)
  t.equal(ids.claim('id', 'ann', false), null)
  ids.release('id')
  t.equal(ids.ownerOf('id'), 'ann')
})

t.test('a user has at most a hundred stored sessions', async (t) => {
  const ids = new ClientIds()
  for (let index = 0; index < 100; index += 1) t.equal(ids.claim(`id${index}`, 'ann', false), null)
  t.match(ids.claim('one more', 'ann', false), /100 stored sessions/)
  t.equal(ids.ownerOf('one more'), undefined)
  t.equal(ids.claim('id0', 'ann', false), null, 'one that is stored already')
  t.equal(ids.claim('one more', 'ann', true), null, 'one that is not stored')
  t.equal(ids.claim('another', 'bob', false), null)
})

t.test('releasing an id that nobody holds changes nothing', async (t) => {
  const ids = new ClientIds()
  ids.release('id')
  t.equal(ids.ownerOf('id'), undefined)
})
