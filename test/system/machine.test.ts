/** What a process stands on fails: its log, its trace, its pipes, its wall clock. */
import { closeSync, openSync } from 'node:fs'
import t from 'tap'
import { AMBER_MS, GREEN_MS, LATE_MS } from '../fixtures/crossing-bounds.ts'
import { LIGHTS } from '../fixtures/crossing-rig.ts'
import { FakeTime, forgetFakeTime } from '../fixtures/fake-time.ts'
import { needs } from '../fixtures/needs.ts'
import { untilGone } from '../fixtures/processes.ts'
import { rigTest, SIDE_BY_SIDE } from '../fixtures/rig-test.ts'
import { spellsOf } from '../fixtures/trace-judge.ts'
import { nowMs } from '../fixtures/waiting.ts'

t.jobs = SIDE_BY_SIDE

rigTest(
  t,
  'a full disk under every log disturbs nobody',
  async (t, rig) => {
    const full = openSync('/dev/full', 'w')
    t.teardown(() => closeSync(full))
    await rig.startBroker()
    rig.startController({ stdio: ['ignore', full, full] })
    for (const light of LIGHTS) rig.startLight(light, { stdio: ['ignore', full, full] })
    await rig.runs(0)
    await rig.isUndisturbed(t, nowMs())
  },
  { running: false },
)

rigTest(
  t,
  'pipes that nobody reads any more',
  async (t, rig) => {
    await rig.startBroker()
    const deaf = [rig.startController(), ...LIGHTS.map((light) => rig.startLight(light))]
    for (const { child } of deaf) {
      child.stdout?.destroy()
      child.stderr?.destroy()
    }

    await t.test('under every log disturb nobody', async (t) => {
      await rig.runs(0)
      await rig.isUndisturbed(t, nowMs())
      t.same(
        deaf.map(({ ending }) => ending),
        [null, null, null],
      )
    })

    await t.test('a lamp that loses its parent too while green ends its interval on time, then itself', async (t) => {
      const lamp = await rig.lamp('light1')
      await rig.traces.turns('light1', 'green')
      const since = nowMs()
      await rig.light('light1').kill()
      t.equal(rig.traces.colourOf('light1'), 'green')
      const red = await rig.traces.turns('light1', 'red', since)
      const spells = spellsOf(rig.traces.frames).filter((spell) => spell.light === 'light1')
      const lengths = spells.slice(-3, -1).map(({ colour, fromMs, toMs }) => [colour, toMs - fromMs] as const)
      t.same(
        lengths.map(([colour]) => colour),
        ['green', 'amber'],
      )
      for (const [index, plannedMs] of [GREEN_MS, AMBER_MS].entries()) {
        const ms = lengths[index]?.[1] ?? 0
        const offMs = Math.abs(ms - plannedMs)
        rig.isWithin(t, `${lengths[index]?.[0]} of ${plannedMs} ms off by`, {
          tookMs: offMs,
          boundMs: LATE_MS,
          sinceMs: since - plannedMs,
        })
      }
      await untilGone([lamp.pid], LATE_MS * 10)
      t.ok(nowMs() - red.atMs < 2000, 'it ends once it is red')
      rig.startLight('light1')
      await rig.recovers(t, nowMs(), 'lamp')
    })
  },
  { running: false },
)

rigTest(
  t,
  'a full disk under a trace is told once, and the light goes on',
  async (t, rig) => {
    await rig.startBroker()
    rig.startLight('light1', { environment: { LIGHT_TRACE: '/dev/full' } })
    rig.startLight('light2')
    rig.startController()
    const viewer = await rig.person('viewer')
    await viewer.subscribe('crossings/demo/lights/light1/aspect')
    for (const turn of [1, 2]) {
      const since = nowMs()
      for (const aspect of ['green', 'amber', 'red']) {
        await viewer.hears(
          'crossings/demo/lights/light1/aspect',
          ({ payload, atMs }) => atMs >= since && payload.toString() === aspect,
        )
      }
      t.pass(`turn ${turn}`)
    }
    const faults = rig.light('light1').log.filter(({ msg }) => msg === 'display_fault')
    t.match(faults[0], { reason: /ENOSPC/ })
    // Once by each painter: the lamp and, on a busy machine, the dead-man and a lamp after it.
    const painters = 1 + 2 * rig.light('light1').log.filter(({ msg }) => msg === 'lamp_died').length
    t.ok(faults.length <= painters, `told ${faults.length} times, by ${painters} painters`)
    t.ok(
      rig.traces.frames.some(({ colour }) => colour === 'green'),
      'the other light has its greens',
    )
  },
  { running: false },
)

const HOUR_S = 3600

rigTest(
  t,
  'the wall clock of one process steps',
  async (t, rig) => {
    if (!needs(t, 'faketime')) return
    const ofLamp = new FakeTime(rig.writeFile('lamp.time', ''))
    const ofController = new FakeTime(rig.writeFile('controller.time', ''))
    await rig.startBroker()
    const light = rig.startLight('light1', { environment: ofLamp.lampEnvironment })
    rig.startLight('light2')
    const controller = rig.startController({ environment: ofController.environment })
    t.teardown(() => forgetFakeTime(controller.pid))
    await rig.traces.shows('light1', 'green')

    await t.test("a lamp's: it begins anew, since a suspended clock would look the same", async (t) => {
      const started = nowMs()
      const lamp = await rig.lamp('light1')
      t.teardown(() => forgetFakeTime(lamp.pid))
      for (const [step, seconds] of [HOUR_S, 0].entries()) {
        const since = nowMs()
        ofLamp.step(seconds)
        await light.logsTimes('lamp_began_anew', step + 1)
        await rig.recovers(t, since, 'lamp')
      }
      t.match(
        light.log.filter(({ msg }) => msg === 'lamp_began_anew'),
        [{ reason: 'clock-stepped' }, { reason: 'clock-stepped' }],
      )
      rig.hasStill(t, light.pid, lamp, started)
    })

    await t.test("a controller's: it begins again with a new run", async (t) => {
      for (const [step, seconds] of [HOUR_S, 0].entries()) {
        const since = nowMs()
        ofController.step(seconds)
        await controller.logsTimes('out_of_charge', step + 1)
        await controller.logsTimes('took_charge', step + 2)
        await rig.recovers(t, since, 'controller')
      }
      t.match(
        controller.log.filter(({ msg }) => msg === 'out_of_charge'),
        [{ reason: 'clock-stepped' }, { reason: 'clock-stepped' }],
      )
      const runs = controller.log.filter(({ msg }) => msg === 'took_charge').map(({ run }) => Number(run))
      t.same(
        runs,
        runs.toSorted((a, b) => a - b),
      )
      t.equal(new Set(runs).size, runs.length, 'each run is new')
    })
  },
  { running: false },
)
