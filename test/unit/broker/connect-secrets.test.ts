import t from 'tap'
import { ConnectSecrets } from '../../../src/broker/connect-secrets.ts'

t.test('a password is erased where it stands, and its packet holds it no more', async (t) => {
  const secrets = new ConnectSecrets()
  const client = {}
  const password = Buffer.from('open sesame')
  const packet = { password }
  secrets.keep(client, packet)
  secrets.forget(client)
  t.strictSame(password, Buffer.alloc(11))
  t.equal(packet.password.length, 0)
  secrets.forget(client)
})

t.test('a CONNECT without a password is left alone', async (t) => {
  const secrets = new ConnectSecrets()
  const client = {}
  secrets.keep(client, {})
  t.doesNotThrow(() => secrets.forget(client))
})
