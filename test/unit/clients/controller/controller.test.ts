import t from 'tap'
import { CHARGE_RULES } from '../../../../src/clients/controller/charge.ts'
import type { ControllerEffect, ControllerState } from '../../../../src/clients/controller/control-state.ts'
import { controllerWakesAt, startControl, stepController } from '../../../../src/clients/controller/controller.ts'
import { UNHEARD } from '../../../../src/clients/controller/light-view.ts'
import { lightTime } from '../../../../src/protocol/aspect.ts'
import { DEMO_CROSSING } from '../../../../src/protocol/crossing.ts'
import { RUN_MAX } from '../../../../src/protocol/limits.ts'
import type { Command, Report } from '../../../../src/protocol/wire.ts'
import { realSettings } from '../../../fixtures/controller-scene.ts'

const { lights, digest, constants } = DEMO_CROSSING
const WALL_AHEAD_MS = 1e12

/** A controller and two lights that obey at once, on one clock that the test moves. */
class Bench {
  readonly settings = realSettings()
  state: ControllerState
  now = 10_000
  wallAheadMs = WALL_AHEAD_MS
  readonly effects: ControllerEffect[] = []
  readonly silent = new Set<string>()
  readonly #lights = new Map(lights.map((light) => [light, { run: 0, n: 0, at: 0, commands: [] as Command[] }]))

  constructor() {
    this.state = startControl(this.settings, { t: this.now, wallMs: this.now + WALL_AHEAD_MS })
  }

  /** Time goes on: ticks when it wants to, and a report of each light every 100 ms. */
  run(ms: number): void {
    const end = this.now + ms
    while (this.now < end) {
      this.now += 1
      if (this.now % 100 === 0) for (const light of lights) this.report(light)
      if (this.now >= this.state.beatDueAt || this.now >= controllerWakesAt(this.settings, this.state, this.now - 1)) {
        this.tick()
      }
    }
  }

  tick(): void {
    this.#step({ kind: 'tick', wallMs: this.now + this.wallAheadMs })
  }

  report(light: string, changes: Partial<Report> = {}): void {
    const own = this.#lights.get(light)
    if (own === undefined || this.silent.has(light)) return
    const { run, n, at } = own
    const report: Report = {
      file: digest,
      boot: 'boot',
      now: lightTime(this.now),
      aspect: 'red',
      run,
      n,
      at: lightTime(at),
      ...changes,
    }
    this.#step({ kind: 'report', light, report })
  }

  mode(mode: 'auto' | 'hold' | 'flash'): void {
    this.#step({ kind: 'mode', mode })
  }

  commands(light: string): readonly Command[] {
    return this.#lights.get(light)?.commands ?? []
  }

  #step(event: Parameters<typeof stepController>[2]): void {
    const [state, effects] = stepController(this.settings, this.state, event, this.now)
    this.state = state
    for (const effect of effects) {
      this.effects.push(effect)
      if (effect.kind !== 'command' || this.silent.has(effect.light)) continue
      const light = this.#lights.get(effect.light)
      if (light === undefined) continue
      light.commands.push(effect.command)
      Object.assign(light, { run: effect.command.run, n: effect.command.n, at: this.now })
    }
  }
}

const running = (): Bench => {
  const bench = new Bench()
  bench.run(2000)
  return bench
}

t.test('it takes charge when every light reports and nobody commands, and the first stage is granted', (t) => {
  const bench = running()
  t.equal(bench.state.run, 8, 'the largest run seen, one, and what was drawn')
  t.match(bench.state.plan, { kind: 'running', current: { stage: 0 } })
  t.ok(bench.commands('light1').some(({ green }) => green !== undefined && green.red > 0))
  t.notOk(bench.commands('light2').some(({ green }) => green !== undefined && green.red > 0))
  t.end()
})

t.test('C4: it stays out of charge while a light is missing', (t) => {
  const bench = new Bench()
  bench.silent.add('light2')
  bench.run(5000)
  t.equal(bench.state.run, null)
  t.strictSame(
    bench.effects.filter(({ kind }) => kind === 'command'),
    [],
  )
  t.end()
})

t.test('C4: it stays a standby while another is obeyed', (t) => {
  const bench = new Bench()
  for (let beat = 0; beat < 20; beat++) {
    for (const light of lights) bench.report(light, { run: 500, n: beat + 1, at: lightTime(bench.now - 50) })
    bench.tick()
    bench.now += 200
  }
  t.equal(bench.state.run, null)
  bench.now += 400
  for (const light of lights) bench.report(light, { run: 500, n: 20, at: lightTime(bench.now - 650) })
  bench.tick()
  t.equal(bench.state.run, null)
  bench.now += 400
  for (const light of lights) bench.report(light, { run: 500, n: 20, at: lightTime(bench.now - 1050) })
  bench.tick()
  t.equal(bench.state.run, 508, 'but takes over when nobody was obeyed for staleMs')
  t.end()
})

t.test('C4: it is out of charge when it sees a larger run, or its own with a number it never sent', (t) => {
  for (const numbers of [
    { run: 9, n: 1 },
    { run: 8, n: 1_000_000 },
  ]) {
    const bench = running()
    bench.report('light1', numbers)
    t.equal(bench.state.run, null, JSON.stringify(numbers))
    t.match(bench.state.plan, { kind: 'stopped' })
  }
  const { C4Yields } = CHARGE_RULES
  const report = { file: digest, boot: 'b', now: lightTime(0), aspect: 'red', at: lightTime(0) } as const
  t.equal(C4Yields(8, 5, { ...report, run: 7, n: 99 }), false, 'an older run is no reason')
  t.end()
})

t.test('what was granted stays on record when it is out of charge', (t) => {
  const bench = running()
  const span = bench.state.views.get('light1')?.span
  bench.report('light2', { run: 9, n: 1 })
  t.ok(span)
  t.strictSame(bench.state.views.get('light1')?.span, span)
  t.end()
})

t.test('C4: forged runs at the limit are not topped', (t) => {
  const bench = new Bench()
  bench.state = { ...bench.state, largestRun: RUN_MAX }
  bench.run(2000)
  t.equal(bench.state.run, null)
  t.end()
})

t.test('C5: the last adoption is the newest of all, also of a boot that comes later', (t) => {
  const bench = running()
  const before = bench.state.lastAdopted
  bench.silent.add('light2')
  bench.run(1500)
  bench.silent.delete('light2')
  bench.report('light2', { boot: 'second' })
  t.equal(bench.state.views.get('light2')?.adoptedAt, null)
  bench.now += 50
  bench.tick()
  bench.run(200)
  bench.report('light2', { boot: 'second' })
  t.ok(bench.state.lastAdopted > before)
  t.end()
})

t.test('P1: a light that is missing stops the plan, and commands carry no interval any more', (t) => {
  const bench = running()
  bench.silent.add('light2')
  bench.run(1500)
  t.match(bench.state.plan, { kind: 'stopped' })
  t.equal(bench.commands('light1').at(-1)?.green, undefined)
  t.end()
})

t.test('P2: after a stop it starts only when every span is over', (t) => {
  const bench = running()
  bench.silent.add('light2')
  bench.run(1200)
  bench.silent.delete('light2')
  const c = bench.state.views.get('light1')?.span?.c ?? 0
  t.ok(c > bench.now)
  bench.run(c - bench.now - 10)
  t.equal(bench.state.plan.kind, 'stopped')
  bench.run(2000)
  t.equal(bench.state.plan.kind, 'running')
  t.end()
})

t.test('a wall clock that steps makes it begin again with a new run', (t) => {
  const bench = running()
  bench.wallAheadMs += 5000
  bench.tick()
  t.equal(bench.state.run, null)
  t.match(bench.effects.at(-1), { kind: 'out-of-charge', reason: 'clock-stepped' })
  bench.run(3000)
  t.equal(bench.state.run, 16)
  t.end()
})

t.test('hold lets running spans end and shows red, flash stops the plan once all are over, auto goes on', (t) => {
  const bench = running()
  bench.mode('hold')
  bench.run(5000)
  t.match(bench.state.plan, { kind: 'held' })
  t.match(bench.commands('light1').at(-1), { green: { red: 0 } })
  bench.mode('flash')
  bench.run(500)
  t.match(bench.state.plan, { kind: 'stopped', why: 'mode flash' })
  t.equal(bench.commands('light1').at(-1)?.green, undefined)
  bench.mode('auto')
  bench.run(2000)
  t.equal(bench.state.plan.kind, 'running')
  t.end()
})

t.test('every stage is granted in turn, without drift', (t) => {
  const bench = new Bench()
  const starts: { light: string; a: number }[] = []
  for (let i = 0; i < 2000; i++) {
    bench.run(10)
    for (const light of lights) {
      const span = bench.state.views.get(light)?.span
      if (span !== undefined && span !== null && !starts.some(({ a }) => a === span.a))
        starts.push({ light, a: span.a })
    }
  }
  t.ok(starts.length >= 5)
  const gaps = starts.slice(1).map(({ a }, index) => a - (starts[index]?.a ?? 0))
  for (const gap of gaps) t.ok(Math.abs(gap - 3000) < 1e-6, `${gap}`)
  t.strictSame(starts.map(({ light }) => light).slice(0, 4), ['light1', 'light2', 'light1', 'light2'])
  t.end()
})

t.test('a controller that was stopped past the start of a stage puts it off instead of cutting it', (t) => {
  const bench = running()
  const { plan } = bench.state
  if (plan.kind !== 'running') throw new TypeError('not running')
  bench.run(plan.next.startsAt - constants.aheadMs - bench.now - 700)
  // Stopped until just after the start, and every light was heard a moment before.
  bench.now = plan.next.startsAt + 10
  for (const light of lights) bench.report(light, { run: 8, n: bench.state.n, at: lightTime(bench.now - 20) })
  bench.tick()
  const granted = bench.state.plan
  if (granted.kind === 'running' && granted.current?.stage === 1) {
    t.equal(granted.current.startsAt, bench.now + constants.aheadMs)
  } else {
    t.equal(granted.kind, 'stopped', 'or a light was not fresh any more')
  }
  t.end()
})

t.test('reports of a light that the crossing does not have change nothing', (t) => {
  const bench = running()
  const before = bench.state
  const report: Report = { file: digest, boot: 'b', now: lightTime(1), aspect: 'red', run: 99, n: 1, at: lightTime(1) }
  const [after, effects] = stepController(
    bench.settings,
    before,
    { kind: 'report', light: 'light9', report },
    bench.now,
  )
  t.equal(after, before)
  t.strictSame(effects, [])
  t.end()
})

t.test('a light that was never heard gets no command', (t) => {
  t.equal(UNHEARD.boot, null)
  const bench = new Bench()
  bench.run(50)
  t.strictSame(bench.effects, [])
  t.end()
})

t.test('while the crossing is tripped nothing is granted nor renewed, and afterwards the plan starts anew', (t) => {
  const bench = running()
  const trip = (what: string | null): void => {
    const event = { kind: 'trip', trip: what } as const
    bench.state = stepController(bench.settings, bench.state, event, bench.now)[0]
  }
  trip('a conflict')
  const before = bench.effects.length
  bench.run(10_000)
  t.match(bench.state.plan, { kind: 'stopped', why: 'tripped: a conflict' })
  const commands = bench.effects.slice(before).filter(({ kind }) => kind === 'command')
  t.ok(commands.length > 50)
  t.notOk(
    commands.some((effect) => effect.kind === 'command' && effect.command.green !== undefined),
    'no interval',
  )
  trip(null)
  bench.run(constants.heartbeatMs)
  t.equal(bench.state.plan.kind, 'running')
  t.end()
})
