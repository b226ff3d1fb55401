import t from 'tap'
import {
  decode,
  encode,
  type FromLamp,
  type LampConfiguration,
  LINE_CHARACTERS_MAX,
} from '../../../../src/clients/light/lamp-channel.ts'
import { DEMO_CROSSING } from '../../../../src/protocol/crossing.ts'

t.test('a message is one line, and read again as it was', async (t) => {
  const message: FromLamp = { kind: 'fact', level: 'warn', fields: { reason: 'two\nlines' }, event: 'display_fault' }
  t.match(encode(message), /^[^\n]+\n$/)
  t.strictSame(decode<FromLamp>(encode(message)), message)
})

t.test('a line that is no message is nothing', async (t) => {
  for (const line of ['', '{', 'null', '1', '"beat"', '[]', '{}', '{"king":"beat"}']) t.equal(decode(line), null, line)
})

t.test('the longest message fits into a line', async (t) => {
  const name = 'x'.repeat(64)
  const configuration: LampConfiguration = {
    light: name,
    display: 'terminal',
    trace: { file: `/${'x'.repeat(4096)}`, light: name },
    lock: `mqtt://${'x'.repeat(255)}:65535/${name}/${name}`,
    file: DEMO_CROSSING.digest,
    constants: DEMO_CROSSING.constants,
    successor: true,
    tripped: false,
  }
  t.ok(encode({ kind: 'configure', configuration }).length < LINE_CHARACTERS_MAX)
})
