import { once } from 'node:events'
import t from 'tap'
import { frameOf } from '../../../../src/clients/display/frame.ts'
import { openFrames, parseFrameLine } from '../../../../src/clients/display/frames.ts'
import { systemClock } from '../../../../src/platform/clock.ts'
import type { Aspect } from '../../../../src/protocol/aspect.ts'
import { displayContract, paintElsewhere } from '../../../fixtures/display-contract.ts'
import { openFifo } from '../../../fixtures/readers.ts'

const newestIs = (received: string, aspect: Aspect): boolean =>
  received.endsWith('\n') && parseFrameLine(received.trim().split('\n').at(-1) ?? '')?.aspect === aspect

t.test('on a pipe', async (t) => {
  displayContract(t, async (t) => {
    const reader = await openFifo(t)
    return {
      open: (onFault) => openFrames(reader.fd, 'light1', { clock: systemClock, onFault }),
      reader,
      shows: newestIs,
      // Fifty bytes and more each, and a pipe keeps 64 KiB.
      framesToFill: 2000,
      elsewhere: { name: 'frames:3', descriptor: reader.fd },
    }
  })
})

t.test('a frame is one line that says light, aspect, whether it is lit, and when it ends', async (t) => {
  const reader = await openFifo(t)
  const display = openFrames(reader.fd, 'light1', { clock: systemClock, onFault: (error) => t.error(error) })
  t.equal(display.kind, 'frames')
  display.show(frameOf('green', true), { endsAtMs: 123.4 })
  display.show(frameOf('flashing-red', false), { endsAtMs: null })
  await reader.until((received) => received.split('\n').length === 3)
  t.equal(
    reader.received(),
    '{"light":"light1","aspect":"green","lit":true,"endsAtMs":123.4}\n' +
      '{"light":"light1","aspect":"flashing-red","lit":false,"endsAtMs":null}\n',
  )
})

t.test('on a socket that nobody reads, as spawn makes them, a process paints on and exits', async (t) => {
  const painter = paintElsewhere({ name: 'frames:3', descriptor: 'pipe' }, { frames: 5000, end: 'exit' })
  t.same(await once(painter, 'exit'), [0, null])
})

t.test('on a socket whose reader is gone, a process paints on', async (t) => {
  const painter = paintElsewhere({ name: 'frames:3', descriptor: 'pipe' }, { frames: 5000, end: 'exit' })
  for (const stream of painter.stdio.slice(1)) stream?.destroy()
  t.same(await once(painter, 'exit'), [0, null])
})

t.test('a line is read as it was meant', async (t) => {
  const painted = { light: 'light1', aspect: 'red-amber', lit: true, endsAtMs: 5.25 }
  t.same(parseFrameLine(JSON.stringify(painted)), painted)
  t.same(parseFrameLine(JSON.stringify({ ...painted, endsAtMs: null })), { ...painted, endsAtMs: null })
  t.same(parseFrameLine(JSON.stringify({ ...painted, more: 1 })), painted)
})

t.test('a line that is anything else is garbage', async (t) => {
  const painted = { light: 'light1', aspect: 'green', lit: true, endsAtMs: 5 }
  const garbage = [
    ...[
      { light: 'a b' },
      { light: 1 },
      { aspect: 'blue' },
      { aspect: undefined },
      { lit: 1 },
      { endsAtMs: '5' },
      { endsAtMs: undefined },
    ].map((wrong) => JSON.stringify({ ...painted, ...wrong })),
    ...['', '{', 'null', '1', '[]', '"green"', JSON.stringify(painted).slice(1)],
  ]
  for (const line of garbage) t.equal(parseFrameLine(line), null, line)
})
