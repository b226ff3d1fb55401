import t from 'tap'
import { relayLog } from '../../../src/demo/log-relay.ts'
import { RecordingLogger } from '../../fixtures/broker-pair.ts'

function relayed(...chunks: (string | Uint8Array)[]) {
  const logger = new RecordingLogger()
  const take = relayLog('light1', logger)
  for (const chunk of chunks) take(typeof chunk === 'string' ? Buffer.from(chunk) : chunk)
  return logger.lines
}

t.test('warnings and errors are shown with the process that they come from', async (t) => {
  const lines = relayed(
    '{"level":40,"time":1,"name":"light","light":"light1","msg":"not_connected"}\n',
    '{"level":50,"time":1,"name":"light","msg":"crossing_file_differs"}\n{"level":60,"msg":"fatal"}\n',
  )
  t.strictSame(lines, [
    { level: 'warn', event: 'not_connected', fields: { from: 'light1', light: 'light1' } },
    { level: 'error', event: 'crossing_file_differs', fields: { from: 'light1' } },
    { level: 'error', event: 'fatal', fields: { from: 'light1' } },
  ])
})

t.test('what is less is not', async (t) => {
  t.strictSame(relayed('{"level":30,"msg":"connected"}\n', '{"level":20,"msg":"debug"}\n', '{"msg":"none"}\n'), [])
})

t.test('a line may come in pieces', async (t) => {
  t.match(relayed('{"level":40,', '"msg":"e', 'vent"}', '\n'), [{ event: 'event' }])
})

t.test('what is no line of a log is shown as it is', async (t) => {
  const lines = relayed('TypeError: of null\n', '[1]\n', 'null\n', '"text"\n', '{"level":40\n')
  t.equal(lines.filter(({ event }) => event === 'not_a_log_line').length, 4)
  t.match(lines[0], { level: 'error', fields: { from: 'light1', line: 'TypeError: of null' } })
})

t.test('invalid UTF-8 and endless lines do no harm', async (t) => {
  t.match(relayed(Buffer.from([0xff, 0xfe, 0x0a])), [{ level: 'error' }])
  t.strictSame(relayed('x'.repeat(1_000_000), '\n'), [])
})
