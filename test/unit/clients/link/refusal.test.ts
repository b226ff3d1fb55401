import t from 'tap'
import { refusalOf } from '../../../../src/clients/link/refusal.ts'

const attempt = { url: 'mqtt://broker:1883', username: 'light1', wasLetIn: true }
const withCode = (code: unknown, message = 'words'): Error => Object.assign(new Error(message), { code })

for (const [what, error, kind, reason] of [
  ['a denied subscription', { denied: 'crossings/a/plan' }, 'not-allowed', /'light1'.*crossings\/a\/plan.*role/],
  ['CONNACK 4', withCode(4), 'wrong-password', /wrong user name or password.*'light1'.*mqtt:\/\/broker:1883/],
  ['CONNACK 5', withCode(5), 'not-allowed', /does not allow user 'light1'/],
  ['CONNACK 3', withCode(3), 'unreachable', /too busy/],
  ['CONNACK 2', withCode(2, 'Identifier rejected'), 'lost', /Identifier rejected/],
  ['a closed port', withCode('ECONNREFUSED'), 'unreachable', /nothing listens there/],
  ['an unknown host', withCode('ENOTFOUND'), 'unreachable', /no machine has that name/],
  ['no name server', withCode('EAI_AGAIN'), 'unreachable', /names cannot be looked up/],
  ['a host that is off', withCode('EHOSTUNREACH'), 'unreachable', /is the machine on/],
  ['another network', withCode('ENETUNREACH'), 'unreachable', /not on that network/],
  ['silence', withCode('ETIMEDOUT'), 'unreachable', /no answer/],
  ['a reset', withCode('ECONNRESET', 'read ECONNRESET'), 'lost', /failed: read ECONNRESET/],
  ['an end without a reason', undefined, 'lost', /ended$/],
  ['anything thrown', 'odd', 'lost', /failed: odd/],
  ['null', null, 'lost', /failed: null/],
] as const) {
  t.test(`${what} is '${kind}', and names the broker or the topic`, async (t) => {
    const refusal = refusalOf(error, attempt)
    t.match(refusal, { kind, reason })
    t.match(refusal.reason, /broker/)
  })
}

const before = { ...attempt, wasLetIn: false }

for (const [what, error, url, reason] of [
  ['an end', undefined, 'mqtt://b', /no such broker, or broke off.*mqtts:\/\//],
  ['a reset', withCode('ECONNRESET'), 'mqtt://b', /mqtts:\/\//],
  ['what is no MQTT', new Error('Invalid header'), 'mqtt://b', /mqtts:\/\//],
  ['another fault', withCode('EMFILE', 'too many files'), 'mqtt://b', /too many files$/],
  ['an end', undefined, 'mqtts://b', /speaks no TLS/],
  ['a reset', withCode('ECONNRESET'), 'MQTTS://b', /speaks no TLS/],
  ['no TLS', withCode('ERR_SSL_WRONG_VERSION_NUMBER'), 'wss://b', /speaks no TLS|expected a broker's WebSocket/],
  ['another fault', new Error('odd'), 'mqtts://b', /odd$/],
  ['a web server', new Error('Unexpected server response: 404'), 'ws://b', /404; expected.*ws:\/\/HOST:PORT\/mqtt/],
] as const) {
  t.test(`${what} before any answer at ${url} is 'lost', and asks whether the URL is right`, async (t) => {
    t.match(refusalOf(error, { ...before, url }), { kind: 'lost', reason })
  })
}

t.test('a fault of a certificate without words of its own is still one', async (t) => {
  t.match(refusalOf(withCode('CERT_REVOKED'), before), { kind: 'untrusted', reason: /no good \(CERT_REVOKED\)/ })
  t.match(refusalOf(withCode('ERR_TLS_CERT_ALTNAME_INVALID'), before), { kind: 'untrusted', reason: /for other names/ })
})
