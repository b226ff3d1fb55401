import t from 'tap'
import { createFingerprint } from '../../../../src/broker/auth/fingerprint.ts'

t.test('the same parts have the same fingerprint, and no others', async (t) => {
  const fingerprint = createFingerprint()
  const prints = [
    fingerprint('ann', 'hash', Buffer.from('password')),
    fingerprint('ann', 'hash', Buffer.from('passwore')),
    fingerprint('annh', 'ash', Buffer.from('password')),
    fingerprint('ann', 'hash2', Buffer.from('password')),
    fingerprint('ann', '4:hash', Buffer.from('password')),
    fingerprint('ann', 'hash', '', Buffer.from('password')),
  ]
  t.equal(new Set(prints).size, prints.length)
  t.equal(fingerprint('ann', 'hash', Buffer.from('password')), prints[0])
})

t.test('ill-formed bytes are told apart', async (t) => {
  const fingerprint = createFingerprint()
  t.not(fingerprint(Buffer.from([0xff])), fingerprint(Buffer.from([0xfe])))
})

t.test('each maker has a key of its own, and what it gives is short', async (t) => {
  const long = 'x'.repeat(4000)
  t.not(createFingerprint()(long), createFingerprint()(long))
  t.equal(createFingerprint()(long).length, 43)
})
