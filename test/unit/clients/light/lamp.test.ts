import fc from 'fast-check'
import t from 'tap'
import {
  LAMP_RULES,
  type LampEffect,
  type LampSettings,
  type LampState,
  lampWakesAt,
  startLamp,
  stepLamp,
} from '../../../../src/clients/light/lamp.ts'
import { aspectAt, type Interval, isNonRed, lightTime, nextFlash } from '../../../../src/protocol/aspect.ts'
import type { Command } from '../../../../src/protocol/wire.ts'

const WALL_AHEAD_MS = 1e12
const constants = { heartbeatMs: 200, staleMs: 1000, horizonMs: 4000, lateMs: 200, redAmberMs: 0 }

function newSettings(): LampSettings {
  let boots = 0
  return { file: 'digest', constants, drawBoot: () => `boot${++boots}`, rules: LAMP_RULES }
}

const interval = (from: number, until: number, red: number): Interval => ({
  from: lightTime(from),
  until: lightTime(until),
  red: lightTime(red),
})

/** A lamp on clocks that the test moves. */
class Bench {
  readonly settings = newSettings()
  state: LampState
  wallAheadMs = WALL_AHEAD_MS

  constructor(now = 10_000) {
    this.state = startLamp(this.settings, { now: lightTime(now), wallMs: now + WALL_AHEAD_MS })
  }

  tick(now: number): readonly LampEffect[] {
    return this.#step({ kind: 'tick' }, now)
  }

  command(now: number, command: Partial<Command>): readonly LampEffect[] {
    return this.#step({ kind: 'command', command: { boot: this.state.boot, run: 5, n: 1, ...command } }, now)
  }

  trip(now: number, tripped: boolean): readonly LampEffect[] {
    return this.#step({ kind: 'trip', tripped }, now)
  }

  fail(now: number): readonly LampEffect[] {
    return this.#step({ kind: 'display-failed' }, now)
  }

  #step(event: Parameters<typeof stepLamp>[2], now: number): readonly LampEffect[] {
    const moment = { now: lightTime(now), wallMs: now + this.wallAheadMs }
    const [state, effects] = stepLamp(this.settings, this.state, event, moment)
    this.state = state
    return effects
  }
}

const kinds = (effects: readonly LampEffect[]): string[] => effects.map(({ kind }) => kind)
const dropped = (effects: readonly LampEffect[]): string | undefined =>
  effects.flatMap((effect) => (effect.kind === 'dropped' ? [effect.reason] : []))[0]

t.test('a lamp that has just started is red and reports at once, with nothing accepted', (t) => {
  const bench = new Bench()
  t.equal(bench.state.shown, 'red')
  const [report] = bench.tick(10_000)
  t.strictSame(report, {
    kind: 'report',
    report: { file: 'digest', boot: 'boot1', aspect: 'red', run: 0, n: 0, at: 10_000 },
  })
  t.end()
})

t.test('it reports every heartbeat, and at once on each command accepted and each change', (t) => {
  const bench = new Bench()
  bench.tick(10_000)
  t.strictSame(kinds(bench.tick(10_100)), [])
  t.strictSame(kinds(bench.tick(10_200)), ['report'])
  t.strictSame(kinds(bench.command(10_250, { green: interval(10_300, 11_000, 12_000) })), ['report'])
  t.strictSame(kinds(bench.tick(10_300)), ['show', 'report'])
  t.end()
})

t.test('it shows the interval that it holds, and nothing after it', (t) => {
  const bench = new Bench()
  bench.command(10_000, { green: interval(10_100, 11_000, 12_000) })
  const shown = [10_099, 10_100, 10_999, 11_000, 11_999, 12_000].map((now) => {
    bench.tick(now)
    return bench.state.shown
  })
  t.strictSame(shown, ['red', 'green', 'green', 'amber', 'amber', 'flashing-red'])
  t.end()
})

t.test('given nothing for staleMs it flashes, but never before its interval is over', (t) => {
  const bench = new Bench()
  bench.tick(10_999)
  t.equal(bench.state.shown, 'red')
  bench.tick(11_000)
  t.equal(bench.state.shown, 'flashing-red')
  bench.command(11_500, { green: interval(11_600, 13_000, 14_000) })
  t.equal(bench.state.shown, 'red', 'whoever is given red does not flash')
  bench.tick(13_500)
  t.equal(bench.state.shown, 'amber')
  bench.command(13_600, { n: 2 })
  bench.tick(14_000)
  t.equal(bench.state.shown, 'flashing-red', 'a command without an interval gives nothing')
  t.end()
})

t.test('L1: a command to another boot is dropped and changes nothing', (t) => {
  const bench = new Bench()
  const before = bench.state
  t.equal(dropped(bench.command(10_000, { boot: 'earlier', green: interval(10_000, 11_000, 12_000) })), 'another-boot')
  t.match(bench.state, { run: before.run, n: before.n, held: before.held })
  t.end()
})

t.test('L2: an older command of the run, a copy of it, and any of an older run are dropped', (t) => {
  const bench = new Bench()
  bench.command(10_000, { run: 5, n: 7 })
  for (const numbers of [
    { run: 5, n: 7 },
    { run: 5, n: 6 },
    { run: 4, n: 100 },
  ]) {
    t.equal(dropped(bench.command(10_010, numbers)), 'older')
  }
  t.match(bench.state, { run: 5, n: 7, at: 10_000 })
  t.end()
})

t.test('L2: a newer run is taken only when nothing of the older is live or to come', (t) => {
  const bench = new Bench()
  bench.command(10_000, { run: 5, green: interval(10_500, 11_000, 12_000) })
  t.equal(dropped(bench.command(10_100, { run: 6 })), 'older', 'to come')
  t.equal(dropped(bench.command(11_999, { run: 6 })), 'older', 'live')
  t.equal(dropped(bench.command(12_000, { run: 6 })), undefined)
  t.equal(bench.state.run, 6)
  t.end()
})

t.test('L3: an interval that is out of order, endless or beyond the horizon is dropped with its command', (t) => {
  const bench = new Bench()
  for (const green of [
    interval(11_000, 10_500, 12_000),
    interval(10_000, 12_000, 11_000),
    interval(10_000, 11_000, 14_001),
    interval(Number.NEGATIVE_INFINITY, 11_000, 12_000),
    interval(Number.NaN, 11_000, 12_000),
    interval(10_000, Number.NaN, 12_000),
    interval(10_000, 11_000, Number.NaN),
    interval(10_000, 11_000, Number.POSITIVE_INFINITY),
  ]) {
    t.equal(dropped(bench.command(10_000, { green })), 'interval-refused', JSON.stringify(green))
  }
  t.equal(bench.state.n, 0)
  t.equal(dropped(bench.command(10_000, { green: interval(10_000, 11_000, 14_000) })), undefined, 'the horizon itself')
  t.end()
})

t.test('L4: an interval that would break the sequence is not taken, but its command counts', (t) => {
  const held = interval(10_000, 11_000, 12_000)
  for (const [now, green, why] of [
    [10_500, interval(0, 0, 0), 'green to red'],
    [11_500, interval(0, 0, 0), 'amber to red'],
    [10_500, interval(10_600, 12_000, 13_000), 'green to a later green'],
    [11_500, interval(10_000, 12_000, 13_000), 'amber back to green'],
    [12_100, interval(10_000, 12_500, 13_500), 'green once more after its red'],
    [12_100, interval(10_000, 12_050, 13_500), 'amber out of red'],
  ] as const) {
    const bench = new Bench()
    bench.command(10_000, { n: 1, green: held })
    t.equal(dropped(bench.command(now, { n: 2, green })), undefined, why)
    t.match(bench.state, { n: 2, held }, why)
  }
  t.end()
})

t.test('L4: a longer green is taken while it is green, and a longer amber while it is amber', (t) => {
  const bench = new Bench()
  bench.command(10_000, { n: 1, green: interval(10_000, 11_000, 12_000) })
  bench.command(10_900, { n: 2, green: interval(9990, 11_500, 12_500) })
  t.match(bench.state.held, { until: 11_500 })
  bench.command(11_600, { n: 3, green: interval(9990, 11_550, 12_550) })
  t.match(bench.state, { shown: 'amber', held: { red: 12_550 } })
  t.end()
})

t.test('L5: non-red that was shown too late is a new boot that remembers nothing', (t) => {
  const bench = new Bench()
  bench.command(10_000, { green: interval(10_000, 11_000, 12_000) })
  bench.tick(11_500)
  t.strictSame(kinds(bench.tick(12_201)), ['new-boot', 'show', 'report'])
  t.match(bench.state, { boot: 'boot2', run: 0, n: 0, shown: 'red' })
  const punctual = new Bench()
  punctual.command(10_000, { green: interval(10_000, 11_000, 12_000) })
  punctual.tick(12_200)
  t.equal(punctual.state.boot, 'boot1')
  t.end()
})

t.test('L5: clocks that moved apart are a new boot, and the interval held is forgotten while green', (t) => {
  for (const movedMs of [201, -201, 3_600_000]) {
    const bench = new Bench()
    bench.command(10_000, { green: interval(10_000, 13_000, 14_000) })
    bench.wallAheadMs += movedMs
    const effects = bench.tick(10_020)
    t.match(effects[0], { kind: 'new-boot', reason: 'clock-stepped' })
    t.match(bench.state, { boot: 'boot2', shown: 'red' })
  }
  const slewed = new Bench()
  slewed.wallAheadMs += 200
  slewed.tick(10_020)
  t.equal(slewed.state.boot, 'boot1')
  t.end()
})

t.test('L5: a display that failed is a new boot, and the interval held is forgotten while green', (t) => {
  const bench = new Bench()
  bench.command(10_000, { green: interval(10_000, 13_000, 14_000) })
  const effects = bench.fail(10_020)
  t.match(effects, [
    { kind: 'new-boot', reason: 'display-failed' },
    { kind: 'show', aspect: 'red' },
    { kind: 'report' },
  ])
  t.match(bench.state, { boot: 'boot2', run: 0, n: 0, shown: 'red' })
  t.end()
})

t.test('L5: a command to the boot that just ended is not taken in the same breath', (t) => {
  const bench = new Bench()
  bench.wallAheadMs += 5000
  t.equal(dropped(bench.command(10_020, { boot: 'boot1', green: interval(10_020, 11_000, 12_000) })), 'another-boot')
  t.equal(bench.state.shown, 'red')
  t.end()
})

t.test('it wakes at every change of what it shows, and for its report', (t) => {
  const bench = new Bench()
  bench.tick(10_000)
  const wakesAt = (now: number): number => lampWakesAt(bench.settings, bench.state, lightTime(now))
  t.equal(wakesAt(10_000), 10_200)
  bench.command(10_000, { green: interval(10_050, 10_150, 10_190) })
  t.equal(wakesAt(10_000), 10_050)
  bench.tick(10_050)
  t.equal(wakesAt(10_050), 10_150)
  bench.tick(10_150)
  t.equal(wakesAt(10_150), 10_190)
  t.end()
})

t.test('while it flashes it wakes for every half of a flash', (t) => {
  const bench = new Bench()
  bench.tick(11_000)
  bench.tick(11_400)
  t.equal(bench.state.lit, true)
  const wakesAt = lampWakesAt(bench.settings, bench.state, lightTime(11_400))
  t.equal(wakesAt, nextFlash(lightTime(11_400)))
  bench.tick(wakesAt)
  t.equal(bench.state.lit, false)
  t.end()
})

t.test('whatever it is sent, it is non-red only by an interval that ends within the horizon', (t) => {
  const time = fc.integer({ min: 9000, max: 16_000 })
  const message = fc.record({
    afterMs: fc.integer({ min: 0, max: 700 }),
    run: fc.integer({ min: 4, max: 7 }),
    n: fc.integer({ min: 1, max: 20 }),
    green: fc.option(fc.tuple(time, time, time), { nil: undefined }),
  })
  // The second one finds a lamp that has just begun anew, for it looked too late.
  const afterNewBoot = [
    { afterMs: 0, run: 4, n: 1, green: [9000, 10_001, 10_001] as [number, number, number] },
    { afterMs: 202, run: 4, n: 1, green: [9000, 10_203, 14_001] as [number, number, number] },
  ]
  fc.assert(
    fc.property(fc.array(message, { maxLength: 30 }), (messages) => {
      const bench = new Bench()
      let now = 10_000
      let givenAt = now
      for (const { afterMs, run, n, green } of messages) {
        now += afterMs
        bench.tick(now)
        const before = bench.state.held
        bench.command(now, green === undefined ? { run, n } : { run, n, green: interval(...green) })
        if (bench.state.held !== before) givenAt = now
        const { shown, held } = bench.state
        if (isNonRed(shown) && (shown !== aspectAt(held, 0, lightTime(now)) || held.red > givenAt + 4000)) return false
      }
      return true
    }),
    { examples: [[afterNewBoot]] },
  )
  t.end()
})

t.test('a lamp whose crossing is tripped', (t) => {
  const green = interval(10_000, 13_000, 14_000)

  t.test('begins anew while green, flashes red at once and reports that', (t) => {
    const bench = new Bench()
    bench.command(10_100, { green })
    const { boot } = bench.state
    const effects = bench.trip(10_200, true)
    t.match(effects, [
      { kind: 'new-boot', reason: 'tripped' },
      { kind: 'show', aspect: 'flashing-red' },
      { kind: 'report', report: { aspect: 'flashing-red', run: 0, n: 0 } },
    ])
    t.not(bench.state.boot, boot)
    t.end()
  })

  t.test('drops every command, of whatever boot and run', (t) => {
    const bench = new Bench()
    bench.trip(10_000, true)
    for (const change of [{}, { green }, { green: interval(0, 0, 0) }, { boot: 'other' }, { run: 99, n: 99, green }]) {
      t.equal(dropped(bench.command(10_100, change)), 'tripped')
      t.equal(bench.state.shown, 'flashing-red')
    }
    t.end()
  })

  t.test('stays so when it begins anew for another reason, and when it is told again', (t) => {
    const bench = new Bench()
    bench.trip(10_000, true)
    bench.wallAheadMs += 5000
    t.ok(kinds(bench.tick(10_100)).includes('new-boot'))
    const { boot } = bench.state
    bench.trip(10_200, true)
    t.equal(bench.state.boot, boot)
    t.equal(bench.state.tripped, true)
    t.equal(dropped(bench.command(10_300, { green })), 'tripped')
    t.end()
  })

  t.test('flashes in time, and takes commands again once that is over', (t) => {
    const bench = new Bench()
    bench.trip(10_000, true)
    t.equal(lampWakesAt(bench.settings, bench.state, lightTime(10_010)), Math.min(nextFlash(lightTime(10_010)), 10_200))
    bench.trip(10_300, false)
    bench.command(10_400, { green })
    t.equal(bench.state.shown, 'green')
    t.end()
  })

  t.test('starts so where its process is told', (t) => {
    const settings = newSettings()
    const moment = { now: lightTime(0), wallMs: 0 }
    const [state] = stepLamp(settings, startLamp(settings, moment, true), { kind: 'tick' }, moment)
    t.equal(state.shown, 'flashing-red')
    t.end()
  })

  t.end()
})
