import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ENDLESS } from '../../../../src/clients/display/display.ts'
import { frameOf } from '../../../../src/clients/display/frame.ts'
import { openTrace, traced } from '../../../../src/clients/display/trace.ts'
import { monotonicNs } from '../../../../src/platform/clock.ts'

t.test('a frame is one line with its time on the monotonic clock, the light and the mean colour', async (t) => {
  const path = join(t.testdir(), 'trace')
  const trace = openTrace(path, 'light1', (error) => t.error(error))
  const before = monotonicNs()
  trace.record(frameOf('amber', true))
  const after = monotonicNs()
  trace.record(frameOf('flashing-red', false))
  const [first = '', second = '', ...rest] = fs.readFileSync(path, 'utf8').split('\n')
  const timeNs = /^\{"t_ns": (\d+), "light": "light1", "rgb": \[255,140,0\]\}$/.exec(first)?.[1]
  t.match(second, /^\{"t_ns": \d+, "light": "light1", "rgb": \[0,0,0\]\}$/)
  t.same(rest, [''])
  t.ok(timeNs !== undefined && before <= BigInt(timeNs) && BigInt(timeNs) <= after)
  t.ok(JSON.parse(first))
  trace.close()
})

t.test('two writers append to one file', async (t) => {
  const path = join(t.testdir({ trace: 'what was there\n' }), 'trace')
  const traces = ['light1', 'light2'].map((light) => openTrace(path, light, (error) => t.error(error)))
  for (let round = 0; round < 2; round += 1) for (const trace of traces) trace.record(frameOf('red', true))
  const lines = fs.readFileSync(path, 'utf8').trim().split('\n')
  t.same(
    lines.map((line) => /light\d/.exec(line)?.[0]),
    [undefined, 'light1', 'light2', 'light1', 'light2'],
  )
  for (const trace of traces) trace.close()
})

t.test('a trace that cannot be written is told of once and disturbs nothing', async (t) => {
  const folder = t.testdir()
  const fifo = join(folder, 'fifo')
  execFileSync('mkfifo', [fifo])
  for (const path of ['/dev/full', join(folder, 'gone', 'trace'), folder, fifo]) {
    const faults: unknown[] = []
    const trace = openTrace(path, 'light1', (error) => faults.push(error))
    for (let round = 0; round < 3; round += 1) trace.record(frameOf('red', true))
    t.equal(faults.length, 1, path)
    trace.close()
  }
})

t.test('a trace goes on as soon as it can be written, and a reader that is stuck holds nothing up', async (t) => {
  const fifo = join(t.testdir(), 'fifo')
  execFileSync('mkfifo', [fifo])
  const faults: unknown[] = []
  const trace = openTrace(fifo, 'light1', (error) => faults.push(error))
  trace.record(frameOf('red', true))
  const reader = fs.openSync(fifo, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK)
  trace.record(frameOf('green', true))
  t.match(fs.readSync(reader, Buffer.alloc(4096)), /^\d+$/)
  for (let round = 0; round < 2000; round += 1) trace.record(frameOf('green', true))
  t.match(faults, [{ code: 'ENXIO' }, { code: 'EAGAIN' }])
  trace.close()
  fs.closeSync(reader)
})

t.test('a display that is traced shows and records each frame until it is closed', async (t) => {
  const path = join(t.testdir(), 'trace')
  const calls: string[] = []
  const display = traced(
    {
      kind: 'odd',
      show: ({ aspect }) => calls.push(`${aspect}, ${linesIn(path)} recorded`),
      close: () => calls.push('close'),
    },
    openTrace(path, 'light1', (error) => t.error(error)),
  )
  t.equal(display.kind, 'odd')
  display.show(frameOf('red', true), ENDLESS)
  display.show(frameOf('green', true), ENDLESS)
  display.close()
  display.close()
  display.show(frameOf('amber', true), ENDLESS)
  t.same(calls.slice(0, 3), ['red, 1 recorded', 'green, 2 recorded', 'close'])
  t.equal(linesIn(path), 2)
})

const linesIn = (path: string): number => fs.readFileSync(path, 'utf8').split('\n').length - 1
