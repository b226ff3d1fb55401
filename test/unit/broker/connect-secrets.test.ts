import t from 'tap'
import { ConnectSecrets } from '../../../src/broker/connect-secrets.ts'

t.test('a packet holds its password no longer than its log-in takes', async (t) => {
  const secrets = new ConnectSecrets()
  const client = {}
  const packet = { password: Buffer.from('open sesame') }
  secrets.keep(client, packet)
  t.equal(packet.password.length, 11)
  secrets.forget(client)
  t.equal(packet.password.length, 0)
  secrets.forget(client)
})

t.test('a CONNECT without a password is left alone', async (t) => {
  const secrets = new ConnectSecrets()
  const client = {}
  secrets.keep(client, {})
  t.doesNotThrow(() => secrets.forget(client))
})
