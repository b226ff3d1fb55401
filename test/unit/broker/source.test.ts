import t from 'tap'
import { sourceOf } from '../../../src/broker/source.ts'

t.test('a connection is counted for its address, whatever the port', async (t) => {
  for (const [address, source] of [
    ['192.0.2.1:50123', '192.0.2.1'],
    ['::ffff:192.0.2.1:50123', '192.0.2.1'],
    ['unknown:0', 'unknown'],
    ['this process', 'this process'],
  ] as const) {
    t.equal(sourceOf(address), source, address)
  }
})

t.test('of IPv6 it is the network, in which a machine has as many addresses as it likes', async (t) => {
  for (const [address, source] of [
    ['2001:db8:1:2:3:4:5:6:50123', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::6:50123', '2001:db8:1:2::/64'],
    ['2001:db8:1:3::6:50123', '2001:db8:1:3::/64'],
    ['2001:db8::6:50123', '2001:db8:0:0::/64'],
    ['::1:50123', '0:0:0:0::/64'],
    ['fe80::1%eth0:50123', 'fe80:0:0:0::/64'],
  ] as const) {
    t.equal(sourceOf(address), source, address)
  }
})
