import fs from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { guardLamp, type LampGuardOptions } from '../../../../src/clients/light/lamp-guard.ts'
import { holdDisplay } from '../../../../src/clients/light/lamp-lock.ts'
import { lockAddress, lockHolder, processIdentity } from '../../../../src/platform/abstract-socket.ts'
import { type Clock, systemClock } from '../../../../src/platform/clock.ts'
import { type Aspect, lightTime } from '../../../../src/protocol/aspect.ts'
import { DEMO_CROSSING } from '../../../../src/protocol/crossing.ts'
import type { Report } from '../../../../src/protocol/wire.ts'
import { RecordingLogger } from '../../../fixtures/broker-pair.ts'

const { constants, digest: file } = DEMO_CROSSING

/** A clock that can be put forward, as if this process had been stopped for a while. */
function movableClock(): Clock & { skip(ms: number): void } {
  let skippedMs = 0
  return {
    ...systemClock,
    monotonicMs: () => systemClock.monotonicMs() + skippedMs,
    skip(ms) {
      skippedMs += ms
    },
  }
}

interface Display {
  readonly display?: string
  /** Where the trace goes. */
  readonly folder?: string
}

/** A guarded lamp without a display, whose frames are in a trace; it is gone with the test. */
function guarded(
  t: Test,
  { display = 'none', folder = t.testdir({}), ...options }: Partial<LampGuardOptions> & Display = {},
) {
  const trace = join(folder, 'trace')
  const lock = `${t.name} (lamp-guard.test ${process.pid})`
  const logger = new RecordingLogger()
  const reports: Report[] = []
  const facts: string[] = []
  const waiting = new Set<() => void>()
  const heard = (): void => {
    for (const look of waiting) look()
  }
  const lamp = guardLamp({
    clock: systemClock,
    logger,
    painted: { light: 'light1', display, trace: { file: trace, light: 'light1' } },
    rest: Promise.resolve({ lock, file, constants }),
    ...options,
  })
  t.teardown(() => lamp.kill())
  lamp.listen({
    report(report) {
      reports.push(report)
      heard()
    },
    holds() {
      facts.push('holds')
      heard()
    },
    waits(pid) {
      facts.push(`waits for ${pid}`)
      heard()
    },
    display(works) {
      facts.push(works ? 'works' : 'fails')
      heard()
    },
  })
  const until = (holds: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!holds()) return
        waiting.delete(look)
        resolve()
      }
      waiting.add(look)
      look()
    })
  return {
    lamp,
    lock,
    logger,
    facts,
    until,
    reports,
    pid: async () => (await lockHolder(lockAddress(lock)))?.pid ?? 0,
    /** Resolves with the first report after now that shows `aspect`. */
    async shows(aspect: Aspect): Promise<Report> {
      const from = reports.length
      const found = (): Report | undefined => reports.slice(from).find((report) => report.aspect === aspect)
      await until(() => found() !== undefined)
      const report = found()
      if (report === undefined) throw new Error('it was there')
      return report
    },
    /** What was painted, by whichever process. */
    painted(): string[] {
      const lines = fs.readFileSync(trace, 'utf8').trim().split('\n')
      return lines.map((line) => String(JSON.parse(line).rgb))
    },
  }
}

/** As long as a lamp of the demo lets a controller look ahead, nearly, ms. */
const GREEN_MS = 3500

const [RED, GREEN] = ['255,0,0', '0,255,0']

/** Makes it green for `greenMs`, and waits until it is. */
async function makeGreen({ lamp, reports, shows }: ReturnType<typeof guarded>, greenMs: number): Promise<Report> {
  const boot = reports.at(-1)?.boot ?? ''
  const from = systemClock.monotonicMs()
  const [until, red] = [from + greenMs, from + greenMs + 100]
  const green = { from: lightTime(from), until: lightTime(until), red: lightTime(red) }
  const shown = shows('green')
  lamp.command({ boot, run: 1, n: 1, green })
  return shown
}

const isGone = async (pid: number): Promise<boolean> => (await processIdentity(pid)) === null

t.test('a lamp in its own process holds its display, reports, shows what it is told and stops at red', async (t) => {
  const guard = guarded(t)
  await guard.until(() => guard.reports.length > 0)
  t.strictSame(guard.facts, ['holds'])
  t.match(guard.reports[0], { file, aspect: 'red', run: 0 })
  const pid = await guard.pid()
  t.not(pid, process.pid)
  t.match(await processIdentity(pid), { parent: process.pid })
  t.match(await makeGreen(guard, 300), { run: 1, n: 1 })
  guard.lamp.hint(systemClock.monotonicMs() + 5000)
  guard.lamp.command({ boot: 'of another', run: 2, n: 1 })
  await guard.logger.waitFor('command_dropped')
  await guard.lamp.stop()
  await guard.lamp.stop()
  t.match(guard.painted(), [RED, GREEN, '255,140,0', RED], 'it went through amber')
  t.ok(await isGone(pid))
  t.strictSame(guard.logger.of('lamp_died'), [])
  guard.lamp.command({ boot: 'nobody', run: 1, n: 2 })
  guard.lamp.hint(null)
})

for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
  t.test(`${signal} of a green lamp leads to red and to a new lamp`, async (t) => {
    const guard = guarded(t)
    await guard.until(() => guard.reports.length > 0)
    const { boot } = await makeGreen(guard, GREEN_MS)
    const pid = await guard.pid()
    process.kill(pid, signal)
    const [died] = await guard.logger.waitFor('lamp_died')
    t.match(died, { reason: signal === 'SIGKILL' ? /SIGKILL|silent/ : 'it was silent' })
    t.strictSame(guard.painted().slice(-2), [GREEN, RED], 'red was painted in its place')
    t.ok(await isGone(pid))
    await guard.until(() => guard.facts.length === 2)
    t.strictSame(guard.facts, ['holds', 'holds'])
    const next = await guard.shows('red')
    t.not(next.boot, boot)
    t.equal(next.run, 0)
    t.strictSame(new Set(guard.painted().slice(-2)), new Set([RED]))
  })
}

t.test('a guard that was itself stopped does not kill its lamp', async (t) => {
  const guard = guarded(t)
  await guard.until(() => guard.reports.length > 0)
  const { boot } = await makeGreen(guard, GREEN_MS)
  for (let stop = 0; stop < 3; stop++) {
    // Nothing in this process runs meanwhile, as after SIGSTOP.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 400)
    t.equal((await guard.shows('green')).boot, boot)
  }
  t.strictSame(guard.logger.of('lamp_died'), [])
})

t.test('a guard that was stopped for long while its lamp starts does not kill it', async (t) => {
  const clock = movableClock()
  const guard = guarded(t, { clock })
  clock.skip(60_000)
  await guard.until(() => guard.facts.length > 0)
  t.strictSame(guard.facts, ['holds'])
  t.strictSame(guard.logger.of('lamp_died'), [])
})

t.test('a lamp that hangs is stopped all the same, and its light is red', async (t) => {
  const guard = guarded(t)
  await guard.until(() => guard.reports.length > 0)
  await makeGreen(guard, GREEN_MS)
  const pid = await guard.pid()
  process.kill(pid, 'SIGSTOP')
  await guard.lamp.stop()
  t.strictSame(guard.painted().slice(-2), [GREEN, RED])
  t.ok(await isGone(pid))
  t.strictSame(guard.logger.of('lamp_died'), [], 'that was asked for')
})

t.test('a kill ends it at once, red', async (t) => {
  const guard = guarded(t)
  await guard.until(() => guard.reports.length > 0)
  await makeGreen(guard, GREEN_MS)
  const pid = await guard.pid()
  await Promise.all([guard.lamp.kill(), guard.lamp.stop()])
  t.equal(guard.painted().at(-1), RED)
  t.ok(await isGone(pid))
})

t.test('a lamp that waits for a display of another paints nothing, dead or alive', async (t) => {
  const abort = new AbortController()
  const name = `${t.name} (lamp-guard.test ${process.pid})`
  const holding = { name, clock: systemClock, orphanMs: 1, onWaiting() {}, onSuccessor() {}, signal: abort.signal }
  const lock = await holdDisplay(holding)
  const guard = guarded(t)
  await guard.until(() => guard.facts.length > 0)
  t.strictSame(guard.facts, [`waits for ${process.pid}`])
  t.strictSame(guard.reports, [])
  await guard.lamp.kill()
  t.throws(() => guard.painted(), { code: 'ENOENT' })
  lock.release()
})

t.test('what cannot be started is said, tried again, and given up when asked', async (t) => {
  t.intercept(process, 'execPath', { value: '/no/such/node' })
  const guard = guarded(t)
  const [first, second] = await guard.logger.waitFor('lamp_died', 2)
  t.match(first, { reason: /could not be started.*ENOENT/ })
  t.match(second, { reason: /could not be started.*ENOENT/ })
  await guard.lamp.stop()
  t.throws(() => guard.painted(), { code: 'ENOENT' }, 'it never had the display')
})

t.test('a crossing that cannot be read leaves nothing behind', async (t) => {
  const guard = guarded(t, { rest: Promise.reject(new Error('no such file')) })
  await guard.lamp.kill()
  t.strictSame(guard.facts, [])
})

t.test('an unknown display is refused before a process is started', async (t) => {
  t.throws(() => guarded(t, { display: 'cinema' }), { code: 'usage' })
})

t.test('frames are written to an inherited descriptor', async (t) => {
  const folder = t.testdir({})
  const path = join(folder, 'frames')
  const fd = fs.openSync(path, 'a')
  t.teardown(() => fs.closeSync(fd))
  const guard = guarded(t, { display: `frames:${fd}`, folder })
  await guard.until(() => guard.reports.length > 0)
  await guard.lamp.stop()
  const [line = ''] = fs.readFileSync(path, 'utf8').split('\n')
  t.match(JSON.parse(line), { light: 'light1', aspect: 'red', lit: true })
})

t.test('a trip reaches the lamp, and every lamp that is started after it', async (t) => {
  const guard = guarded(t)
  await guard.shows('red')
  guard.lamp.trip(true)
  const { boot } = await guard.shows('flashing-red')
  process.kill(await guard.pid(), 'SIGKILL')
  await guard.logger.waitFor('lamp_died')
  t.not((await guard.shows('flashing-red')).boot, boot)
})
