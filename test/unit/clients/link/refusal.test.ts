import t from 'tap'
import { refusalOf } from '../../../../src/clients/link/refusal.ts'

const attempt = { url: 'mqtt://broker:1883', username: 'light1' }
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
