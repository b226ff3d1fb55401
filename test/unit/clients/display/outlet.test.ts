import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { openOutlet, RETRY_MS } from '../../../../src/clients/display/outlet.ts'
import { systemClock } from '../../../../src/platform/clock.ts'
import { openFifo, openTerminalReader } from '../../../fixtures/readers.ts'
import { ROOT } from '../../../fixtures/root.ts'

const lines = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, line) => `${from + line}\n`)

t.test('to a pipe', async (t) => {
  const reader = await openFifo(t)
  const outlet = openOutlet(reader.fd, { clock: systemClock, onFault: (error) => t.error(error), waitingMax: 3 })
  t.teardown(() => outlet.close())

  t.equal(outlet.send('one\n'), true)
  await reader.until((received) => received === 'one\n')

  await t.test(
    'while the reader takes nothing the newest texts wait, and a text once begun is completed',
    async (t) => {
      const long = `${'x'.repeat(300_000)}\n`
      t.equal(outlet.send(long), false)
      for (const line of lines(1, 9)) t.equal(outlet.send(line), false)
      await reader.until((received) => received.endsWith('9\n'))
      t.ok(reader.received() === `one\n${long}7\n8\n9\n`)
    },
  )
})

t.test('a reader that is stuck is tried again after a while, until the outlet is closed', async (t) => {
  const reader = await openFifo(t)
  const delays: number[] = []
  let cancelled = 0
  const clock = {
    ...systemClock,
    after: (delayMs: number) => {
      delays.push(delayMs)
      return () => {
        cancelled += 1
      }
    },
  }
  const outlet = openOutlet(reader.fd, { clock, onFault: (error) => t.error(error), waitingMax: 1 })
  await reader.stop()
  while (outlet.send('x'.repeat(70_000)));
  t.same(delays, [RETRY_MS])
  outlet.close()
  outlet.close()
  t.equal(cancelled, delays.length, 'nothing is tried any more')
  t.equal(outlet.send('late'), false)
})

t.test('what waits when it is closed is still taken by a reader that is only slow', async (t) => {
  const path = join(t.testdir(), 'fifo')
  const text = 'x'.repeat(100_000)
  execFileSync('mkfifo', [path])
  const fd = fs.openSync(path, fs.constants.O_RDWR | fs.constants.O_NONBLOCK)
  const outlet = openOutlet(fd, { clock: systemClock, onFault: (error) => t.error(error), waitingMax: 1 })
  t.notOk(outlet.send(text), 'more than a pipe holds')
  // Another process: this one is held up meanwhile.
  const reader = spawn('head', ['-c', `${text.length}`, path], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => reader.kill())
  let received = 0
  reader.stdout.on('data', (bytes: Buffer) => {
    received += bytes.length
  })
  await once(reader.stdout, 'data')
  outlet.close()
  await once(reader, 'close')
  t.equal(received, text.length)
  fs.closeSync(fd)
})

t.test('a file is appended to where its descriptor stands', async (t) => {
  const path = join(t.testdir({ file: 'before\n' }), 'file')
  const fd = fs.openSync(path, 'a')
  const outlet = openOutlet(fd, { clock: systemClock, onFault: (error) => t.error(error), waitingMax: 1 })
  outlet.send('one\n')
  fs.writeSync(fd, 'between\n')
  outlet.send('two\n')
  outlet.close()
  fs.writeSync(fd, 'after\n')
  t.equal(fs.readFileSync(path, 'utf8'), 'before\none\nbetween\ntwo\nafter\n')
  fs.closeSync(fd)
})

t.test('a full device is told of once', async (t) => {
  const fd = fs.openSync('/dev/full', 'w')
  const faults: unknown[] = []
  const outlet = openOutlet(fd, { clock: systemClock, onFault: (error) => faults.push(error), waitingMax: 1 })
  t.equal(outlet.send('one'), false)
  t.equal(outlet.send('two'), false)
  t.match(faults, [{ code: 'ENOSPC' }])
  outlet.close()
  fs.closeSync(fd)
})

t.test('a descriptor that is not open is told of, once', async (t) => {
  const faults: unknown[] = []
  const outlet = openOutlet(9999, { clock: systemClock, onFault: (error) => faults.push(error), waitingMax: 1 })
  for (const line of lines(1, 3)) outlet.send(line)
  t.match(faults, [{ code: 'EBADF' }])
  outlet.close()
})

t.test('a terminal that may not be opened is told of with what to do', async (t) => {
  const { openOutlet } = await t.mockImport<typeof import('../../../../src/clients/display/outlet.ts')>(
    join(ROOT, 'dist/clients/display/outlet.js'),
    {
      'node:fs': t.createMock(fs, {
        openSync: () => {
          throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' })
        },
      }),
    },
  )
  const fd = fs.openSync('/dev/null', 'w')
  const faults: unknown[] = []
  const outlet = openOutlet(fd, { clock: systemClock, onFault: (error) => faults.push(error), waitingMax: 1 })
  outlet.send('one')
  outlet.send('two')
  t.match(faults, [{ code: 'failed', message: /EACCES.*--display none/ }])
  outlet.close()
  fs.closeSync(fd)
})

t.test('a terminal keeps its own modes, which the shell shares', async (t) => {
  const reader = await openTerminalReader(t)
  if (reader === null) return
  const flags = (): string | undefined =>
    /^flags:.*$/m.exec(fs.readFileSync(`/proc/self/fdinfo/${reader.fd}`, 'utf8'))?.[0]
  const before = flags()
  const outlet = openOutlet(reader.fd, { clock: systemClock, onFault: (error) => t.error(error), waitingMax: 1 })
  outlet.send('hello')
  await reader.until((received) => received.endsWith('hello'))
  outlet.close()
  t.equal(flags(), before)
  t.equal(reader.received().split('\n').at(-1), 'hello')
})
