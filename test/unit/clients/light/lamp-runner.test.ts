import t from 'tap'
import type { Caption, Display } from '../../../../src/clients/display/display.ts'
import type { Frame } from '../../../../src/clients/display/frame.ts'
import { LAMP_RULES } from '../../../../src/clients/light/lamp.ts'
import type { LampFact } from '../../../../src/clients/light/lamp-facts.ts'
import { lampInside } from '../../../../src/clients/light/lamp-inside.ts'
import { runLamp, TICK_MS } from '../../../../src/clients/light/lamp-runner.ts'
import { lightTime } from '../../../../src/protocol/aspect.ts'
import { DEMO_CROSSING } from '../../../../src/protocol/crossing.ts'
import type { Command, Report } from '../../../../src/protocol/wire.ts'
import { RecordingLogger } from '../../../fixtures/broker-pair.ts'
import { ManualClock } from '../../../fixtures/manual-clock.ts'

const { constants, digest: file } = DEMO_CROSSING

function started() {
  const clock = new ManualClock()
  const shown: { readonly frame: Frame; readonly caption: Caption; readonly atMs: number }[] = []
  const reports: Report[] = []
  const facts: LampFact[] = []
  const ticks: number[] = []
  const display: Display = {
    kind: 'recording',
    show: (frame, caption) => void shown.push({ frame, caption, atMs: clock.monotonicMs() }),
    close() {},
  }
  let boots = 0
  const settings = { file, constants, drawBoot: () => `boot ${++boots}`, rules: LAMP_RULES }
  const start = () =>
    runLamp({
      settings,
      clock,
      display,
      onReport: (report) => void reports.push(report),
      onFact: (fact) => void facts.push(fact),
      onTick: () => void ticks.push(clock.monotonicMs()),
    })
  return { clock, shown, reports, facts, ticks, display, settings, start }
}

let n = 0
/** Green from now for `greenMs`, then amber. */
const green = (clock: ManualClock, greenMs: number, boot = 'boot 1'): Command => {
  const from = clock.monotonicMs()
  const [until, red] = [from + greenMs, from + greenMs + constants.amberMs]
  return { boot, run: 1, n: ++n, green: { from: lightTime(from), until: lightTime(until), red: lightTime(red) } }
}

const aspects = (shown: readonly { readonly frame: Frame }[]): string[] => shown.map(({ frame }) => frame.aspect)

t.test('it paints red and reports before anything else happens', async (t) => {
  const { shown, reports, start, clock } = started()
  const lamp = start()
  t.strictSame(aspects(shown), ['red'])
  t.match(reports, [{ file, boot: 'boot 1', aspect: 'red', run: 0, n: 0, now: clock.monotonicMs() }])
  lamp.close()
})

t.test('a report comes with every heartbeat, stamped when it is sent', async (t) => {
  const { reports, start, clock } = started()
  const lamp = start()
  clock.advance(3 * constants.heartbeatMs + TICK_MS)
  t.equal(reports.length, 4)
  t.equal(reports.at(-1)?.now, 1_000_000 + 3 * constants.heartbeatMs)
  lamp.close()
})

t.test('an interval is shown to the millisecond, and ends by itself', async (t) => {
  const { shown, start, clock } = started()
  const lamp = start()
  const startMs = clock.monotonicMs()
  lamp.command(green(clock, 1501.5))
  clock.advance(1501.5 + constants.amberMs)
  t.strictSame(
    shown.map(({ frame, atMs }) => [frame.aspect, atMs - startMs]),
    [
      ['red', 0],
      ['green', 0],
      ['amber', 1501.5],
      ['flashing-red', 1501.5 + constants.amberMs],
    ],
    'flashing, since nobody has commanded it lately',
  )
  t.strictSame(
    shown.slice(1, 3).map(({ caption }) => caption.endsAtMs),
    [startMs + 1501.5, startMs + 1501.5 + constants.amberMs],
    'and it says until when',
  )
  lamp.close()
})

t.test('without commands it flashes', async (t) => {
  const { shown, start, clock } = started()
  const lamp = start()
  clock.advance(constants.staleMs + 3000)
  t.ok(aspects(shown).includes('flashing-red'))
  t.ok(shown.some(({ frame }) => !frame.lit))
  t.match(shown.at(-1)?.caption, { endsAtMs: null })
  lamp.close()
})

t.test('it looks at its clocks every 20 ms at least', async (t) => {
  const { start, clock } = started()
  const lamp = start()
  for (let ms = 0; ms < 500; ms++) {
    const [delayMs = Number.NaN, , ...others] = clock.delays
    if (!(delayMs <= TICK_MS) || others.length > 0) t.fail(`${delayMs} ms at ${ms}`)
    clock.advance(1)
  }
  lamp.close()
})

t.test('many commands do not keep it from its ticks', async (t) => {
  const { start, clock, ticks } = started()
  const lamp = start()
  for (let ms = 0; ms < 500; ms += 5) {
    lamp.command({ boot: 'boot 1', run: 1, n: ++n })
    clock.advance(5)
  }
  lamp.close()
  t.equal(ticks.length, 1 + 500 / TICK_MS)
  t.strictSame(
    ticks.slice(1).map((atMs, index) => atMs - (ticks[index] ?? 0)),
    Array(500 / TICK_MS).fill(TICK_MS),
  )
})

t.test('a stall while green is a new boot, red at once', async (t) => {
  const { shown, facts, reports, start, clock } = started()
  const lamp = start()
  lamp.command(green(clock, 1000))
  clock.stall(1000 + constants.amberMs + constants.lateMs + 1)
  t.strictSame(aspects(shown), ['red', 'green', 'red'])
  t.match(facts, [{ kind: 'new-boot', boot: 'boot 2', reason: 'shown-too-late' }])
  t.match(reports.at(-1), { boot: 'boot 2', aspect: 'red', run: 0 })
  lamp.close()
})

t.test('a stepped wall clock is a new boot too', async (t) => {
  const { shown, facts, start, clock } = started()
  const lamp = start()
  lamp.command(green(clock, 1000))
  clock.stepWall(-3_600_000)
  clock.advance(TICK_MS)
  t.equal(aspects(shown).at(-1), 'red')
  t.match(facts, [{ kind: 'new-boot', reason: 'clock-stepped' }])
  lamp.close()
})

t.test('a command that is dropped is told, and shows nothing', async (t) => {
  const { shown, facts, start, clock } = started()
  const lamp = start()
  lamp.command(green(clock, 1000, 'of another'))
  t.match(facts, [{ kind: 'dropped', reason: 'another-boot' }])
  t.strictSame(aspects(shown), ['red'])
  lamp.close()
})

t.test('waiting for red ends with red, or at once where it is red', async (t) => {
  const { shown, start, clock } = started()
  const lamp = start()
  await lamp.untilRed()
  lamp.command(green(clock, 1000))
  let isRed = false
  const waiting = Promise.all([lamp.untilRed(), lamp.untilRed()]).then(() => {
    isRed = true
  })
  clock.advance(1000)
  await Promise.resolve()
  t.notOk(isRed, 'amber is not red')
  clock.advance(constants.amberMs)
  await waiting
  t.equal(aspects(shown).at(-1), 'flashing-red')
  lamp.close()
})

t.test('closed, it does nothing any more and leaves no timer and nobody waiting', async (t) => {
  const { shown, reports, start, clock } = started()
  const lamp = start()
  lamp.command(green(clock, 1000))
  const waiting = lamp.untilRed()
  lamp.close()
  await waiting
  await lamp.untilRed()
  const [frames, sent] = [shown.length, reports.length]
  lamp.command(green(clock, 1000))
  lamp.hint(clock.monotonicMs() + 5000)
  clock.advance(10_000)
  t.strictSame(clock.delays, [])
  t.equal(shown.length, frames)
  t.equal(reports.length, sent)
  lamp.close()
})

t.test('the end of red is shown to people as soon as it is known', async (t) => {
  const { shown, start, clock } = started()
  const lamp = start()
  const endsAtMs = clock.monotonicMs() + 2000
  lamp.hint(endsAtMs)
  t.match(shown.at(-1), { frame: { aspect: 'red' }, caption: { endsAtMs } })
  const frames = shown.length
  lamp.hint(endsAtMs + 100)
  t.equal(shown.length, frames, 'a little more or less is the same to people')
  lamp.hint(null)
  t.match(shown.at(-1)?.caption, { endsAtMs: null })
  lamp.close()
})

t.test('a hint while it is green waits for red', async (t) => {
  const { shown, start, clock } = started()
  const lamp = start()
  const command = green(clock, 1000)
  lamp.command(command)
  const frames = shown.length
  const endsAtMs = clock.monotonicMs() + 9000
  lamp.hint(endsAtMs)
  t.equal(shown.length, frames)
  clock.advance(1500)
  lamp.command({ ...command, n: ++n })
  clock.advance(constants.amberMs - 500)
  t.match(shown.at(-1), { frame: { aspect: /^red$/ }, caption: { endsAtMs } })
  lamp.close()
})

t.test('inside the process of its light', async (t) => {
  const inside = () => {
    const parts = started()
    const logger = new RecordingLogger()
    const { settings, clock, display } = parts
    const port = lampInside({ light: 'light1', settings, clock, display, logger })
    const heard: unknown[] = []
    const listen = (): void =>
      port.listen({
        report: (report) => void heard.push(report.aspect),
        holds: () => void heard.push('holds'),
        waits: (pid) => void heard.push(pid),
        display: (works) => void heard.push(works ? 'works' : 'fails'),
      })
    return { ...parts, logger, port, heard, listen }
  }

  await t.test('it starts when somebody listens, and holds its display', async (t) => {
    const { port, shown, heard, listen, clock } = inside()
    port.command(green(clock, 1000))
    port.hint(null)
    t.strictSame(shown, [])
    listen()
    t.strictSame(heard, ['red', 'holds'])
    await port.stop()
  })

  await t.test('a stop waits for red and leaves nothing running', async (t) => {
    const { port, shown, listen, clock } = inside()
    listen()
    port.command(green(clock, 1000))
    const stopped = port.stop()
    clock.advance(1000 + constants.amberMs)
    await stopped
    await port.stop()
    t.match(aspects(shown).at(-1), /red$/)
    t.strictSame(clock.delays, [])
  })

  await t.test('a kill is red at once', async (t) => {
    const { port, shown, listen, clock } = inside()
    listen()
    port.command(green(clock, 1000))
    await port.kill()
    t.equal(aspects(shown).at(-1), 'red')
    t.strictSame(clock.delays, [])
  })

  await t.test('it can be ended before it started', async (t) => {
    const { port, shown } = inside()
    await port.stop()
    t.strictSame(shown, [])
    await port.kill()
    t.strictSame(aspects(shown), ['red'])
  })

  await t.test('what it does of its own is logged, and what may come by the thousand is counted', async (t) => {
    const { port, listen, clock, logger } = inside()
    listen()
    for (let command = 0; command < 1000; command++) port.command(green(clock, 1000, 'of another'))
    port.hint(clock.monotonicMs() + 1000)
    clock.stepWall(10_000)
    clock.advance(TICK_MS)
    t.match(logger.lines, [
      { level: 'info', fields: { light: 'light1', reason: 'another-boot', boot: 'of another' } },
      { level: 'warn', fields: { light: 'light1', boot: 'boot 2', reason: 'clock-stepped' } },
    ])
    t.equal(logger.lines.length, 2)
    await port.stop()
  })
})

t.test('a caption says whether the controller was heard, and what people should know now', async (t) => {
  const { shown, start, clock } = started()
  const lamp = start()
  t.match(shown, [{ frame: { aspect: 'red' }, caption: { heard: false } }])
  lamp.command({ boot: 'boot 1', run: 1, n: ++n })
  t.equal(shown.length, 2, 'the same frame again')
  t.match(shown.at(-1), { frame: { aspect: 'red' }, caption: { heard: true } })
  const notes = shown.at(-1)?.caption.notes
  t.strictSame(notes?.(), [])
  lamp.note(['connected'])
  t.strictSame(notes?.(), ['connected'])
  t.equal(shown.length, 2)
  clock.stepWall(10_000)
  clock.advance(TICK_MS)
  t.equal(shown.at(-1)?.caption.heard, false, 'a new boot has heard nothing')
  lamp.close()
})

t.test('a lamp that cannot be seen', async (t) => {
  const failing = () => {
    const parts = started()
    const state = { works: true }
    return { ...parts, state, display: Object.assign(parts.display, { works: () => state.works }) }
  }

  await t.test('begins anew, neither reports nor obeys, and does both when it can be seen again', async (t) => {
    const { state, start, clock, reports, facts, shown } = failing()
    const lamp = start()
    lamp.command(green(clock, 1000))
    t.equal(reports.at(-1)?.aspect, 'green')
    const before = reports.length
    state.works = false
    clock.advance(TICK_MS)
    t.match(facts, [
      { kind: 'display', works: false },
      { kind: 'new-boot', boot: 'boot 2', reason: 'display-failed' },
    ])
    t.equal(aspects(shown).at(-1), 'red')
    lamp.command(green(clock, 1000, 'boot 2'))
    clock.advance(2 * constants.staleMs)
    t.equal(reports.length, before)
    t.equal(aspects(shown).at(-1), 'red')
    state.works = true
    clock.advance(TICK_MS)
    t.match(facts.slice(2), [{ kind: 'display', works: true }])
    t.match(reports.slice(before), [{ boot: 'boot 2', run: 0, n: 0 }])
    lamp.command(green(clock, 1000, 'boot 2'))
    t.equal(aspects(shown).at(-1), 'green')
    lamp.close()
  })

  await t.test('is tripped all the same, and shows that when it can be seen again', async (t) => {
    const { state, start, clock, shown } = failing()
    const lamp = start()
    state.works = false
    clock.advance(TICK_MS)
    lamp.trip(true)
    t.equal(aspects(shown).at(-1), 'flashing-red', 'for whenever it can be painted')
    state.works = true
    clock.advance(TICK_MS)
    t.ok(lamp.state.tripped)
    lamp.command(green(clock, 1000, 'boot 3'))
    t.equal(aspects(shown).at(-1), 'flashing-red')
    lamp.close()
  })

  await t.test('does not report the aspect that it failed to show', async (t) => {
    const { state, start, clock, reports, display } = failing()
    const lamp = start()
    const { show } = display
    display.show = (frame, caption) => {
      show(frame, caption)
      state.works = frame.aspect !== 'green'
    }
    lamp.command(green(clock, 1000))
    t.notOk(reports.some(({ aspect }) => aspect === 'green'))
    lamp.close()
  })

  await t.test('says nothing at all where it never could be', async (t) => {
    const { state, start, clock, reports } = failing()
    state.works = false
    const lamp = start()
    clock.advance(constants.staleMs)
    t.strictSame(reports, [])
    await lamp.untilRed()
    lamp.close()
    t.strictSame(clock.delays, [])
  })
})
