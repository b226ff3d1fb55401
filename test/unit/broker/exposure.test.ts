import t from 'tap'
import { demoAccountsOf, isLoopback, permittedHost, remediesFor } from '../../../src/broker/exposure.ts'
import { usersOf } from '../../fixtures/broker-pair.ts'

t.test('only addresses that are surely of this machine alone are loopback', async (t) => {
  for (const host of ['127.0.0.1', '127.8.9.1', '::1', 'localhost']) t.ok(isLoopback(host), host)
  for (const host of [
    '0.0.0.0',
    '::',
    '192.168.1.2',
    '127.0.0.1.example.org',
    'localhost.example.org',
    '1127.0.0.1',
    '',
  ]) {
    t.notOk(isLoopback(host), host)
  }
})

t.test('a demo account keeps the broker on loopback', async (t) => {
  const users = usersOf({ real: {}, light1: { demo: true }, light2: { demo: true } })
  t.strictSame(demoAccountsOf(users), ['light1', 'light2'])
  t.equal(permittedHost('0.0.0.0', users), '127.0.0.1')
  t.equal(permittedHost('::1', users), '::1')
  t.equal(permittedHost('0.0.0.0', usersOf({ real: {} })), '0.0.0.0')
  t.match(remediesFor(['light1']), [/^crossing user passwd light1 .*crossing user remove light1/])
})
