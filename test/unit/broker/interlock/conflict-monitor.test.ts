import t from 'tap'
import { MONITOR_RULES } from '../../../../src/broker/interlock/monitor-rules.ts'
import { type Aspect, lightTime } from '../../../../src/protocol/aspect.ts'
import { parseCrossing } from '../../../../src/protocol/crossing.ts'
import { MonitorScene, RUN, type SceneLamp, type SceneOptions } from '../../../fixtures/monitor-scene.ts'

interface Overlap extends SceneOptions {
  readonly upMs?: number
  readonly downMs?: number
  readonly rates?: readonly [number, number]
}

/** Light 1 is green, then amber, until light 2 has been green for `togetherMs`; both as their commands say. */
function showingTogether(togetherMs: number, { upMs = 0, downMs = 0, rates = [1, 1], ...scenery }: Overlap = {}) {
  const scene = new MonitorScene(scenery)
  const begins = 10_000
  const ends = begins + togetherMs
  const first = scene.lamp('light1', { upMs, downMs, rate: rates[0], aheadMs: 100_000 })
  const second = scene.lamp('light2', { upMs, downMs, rate: rates[1], aheadMs: -3000 })
  const showing = (lamp: SceneLamp, [from, until, red]: Times, [firstMs, lastMs]: readonly [number, number]): void => {
    const aspectAt = (at: number): Aspect => (at < from || at >= red ? 'red' : at < until ? 'green' : 'amber')
    for (let n = 1, at = firstMs; at < lastMs; n++, at += 200) {
      for (const change of [from, until, red]) {
        if (change >= at - 200 + downMs && change < at + downMs) lamp.report(change, aspectAt(change))
      }
      lamp.command(at, n, lamp.interval(from, until, red))
      lamp.report(at + downMs, aspectAt(at + downMs))
    }
  }
  showing(first, [7000, ends - 1000, ends], [5000, 16_000])
  showing(second, [begins, begins + 1500, begins + 2500], [5010, 16_010])
  return scene
}

const overlapping = (togetherMs: number, options: Overlap = {}) => showingTogether(togetherMs, options).run()

type Times = readonly [number, number, number]

for (const [togetherMs, trips] of [
  [0, false],
  [199, false],
  [200, false],
  [451, true],
  [450.1, true],
  [900, true],
] as const) {
  t.test(`${togetherMs} ms together ${trips ? 'trip' : 'do not trip'}, where messages take no time`, async (t) => {
    const found = overlapping(togetherMs)
    t.equal(found?.finding.kind, trips ? 'conflict' : undefined)
  })

  t.test(`${togetherMs} ms together ${trips ? 'trip' : 'do not trip'}, where each way takes 80 ms`, async (t) => {
    const found = overlapping(togetherMs, { upMs: 80, downMs: 80 })
    t.equal(found?.finding.kind, trips ? 'conflict' : undefined)
  })

  t.test(`${togetherMs} ms together ${trips ? 'trip' : 'do not trip'}, with clocks that run apart`, async (t) => {
    for (const rates of [
      [1.0019, 0.9981],
      [0.9981, 1.0019],
    ] as const) {
      t.equal(overlapping(togetherMs, { rates })?.finding.kind, trips ? 'conflict' : undefined)
    }
  })
}

t.test('where bounds leave open whether there was a conflict, there was none', async (t) => {
  t.equal(overlapping(900, { upMs: 400, downMs: 400 }), null)
  t.equal(overlapping(2000, { upMs: 400, downMs: 400 })?.finding.kind, 'conflict', 'a long one is certain')
})

t.test('a green within another needs no more than the sum of its own reports', async (t) => {
  // Bounds as wide as that would hide it, if each end had to be placed on its own.
  const scene = new MonitorScene()
  const [first, second] = [
    scene.lamp('light1', { upMs: 150, downMs: 150 }),
    scene.lamp('light2', { upMs: 150, downMs: 150 }),
  ]
  for (let n = 1; n <= 20; n++) {
    first.command(1000 + 200 * n, n, first.interval(2000, 5000, 6000))
    first.report(1150 + 200 * n, n < 5 ? 'red' : 'green')
    second.command(1001 + 200 * n, n, second.interval(3500, 3800, 3900))
    const at = 1151 + 200 * n
    second.report(at, at < 3500 || at > 3900 ? 'red' : at < 3800 ? 'green' : 'amber')
  }
  second.report(3500, 'green')
  second.report(3900, 'red')
  t.match(scene.run()?.finding, { kind: 'conflict', lights: ['light1', 'light2'] })
})

t.test('the end of a trip says who and for how long', async (t) => {
  const found = overlapping(900)
  t.match(found?.finding, { kind: 'conflict', lights: ['light2', 'light1'] })
  t.ok(found !== null && found.finding.kind === 'conflict' && found.finding.forMs >= 250 && found.finding.forMs <= 900)
})

t.test('commands that pass again hide no conflict, and are not taken for new ones', async (t) => {
  const scene = showingTogether(900)
  for (const { t: at, event } of [...scene.passages]) if (event.kind === 'command') scene.pass(at + 120, event)
  t.equal(scene.run()?.finding.kind, 'conflict')
  const deaf = new MonitorScene()
  const lamp = deaf.lamp('light1')
  for (let n = 1; n <= 40; n++) lamp.command(100 * n, n)
  for (let n = 1; n <= 40; n++) lamp.command(10_000 + n, n)
  deaf.run()
  t.same(
    deaf.watch('light1')?.passed.map(({ n, t: at }) => at / n),
    Array(32).fill(100),
    'the last 32, each when it passed first',
  )
  lamp.report(20_000, 'red', { n: 40 })
  lamp.command(20_100, 40)
  deaf.run({ from: 20_000 })
  t.equal(deaf.watch('light1')?.passed.length, 32, 'nor one that was echoed')
})

t.test('lights that are compatible may be green together', async (t) => {
  const file = { ...new MonitorScene().crossing.file, compatible: [['light1', 'light2']] }
  t.equal(overlapping(900, { crossing: parseCrossing(file, 'compatible') }), null)
})

t.test('what no command gave', async (t) => {
  t.test('a lamp that took no command and shows green trips, wherever its clock is', async (t) => {
    for (const aspect of ['green', 'amber', 'red-amber'] as const) {
      const scene = new MonitorScene()
      scene.lamp('light2').reports(1000, 1300, aspect)
      t.match(scene.run(), { t: 1300, finding: { kind: 'unallowed', light: 'light2', aspect } })
    }
  })

  t.test('not by a single report, nor within 250 ms', async (t) => {
    const scene = new MonitorScene()
    const lamp = scene.lamp('light2')
    lamp.reports(1000, 1240, 'green', 60)
    lamp.report(1241, 'red')
    lamp.reports(1300, 1400, 'green')
    t.equal(scene.run(), null)
  })

  t.test('a lamp that shows non-red longer after its newest command than an interval reaches trips', async (t) => {
    const scene = new MonitorScene()
    const lamp = scene.lamp('light2')
    const { horizonMs, lateMs } = scene.crossing.constants
    lamp.reports(1000, 20_000, 'green', 200)
    for (const { event } of scene.passages) if (event.kind === 'report') Object.assign(event.report, { run: 1, n: 1 })
    t.ok((scene.run()?.t ?? 0) > horizonMs + lateMs)
  })

  /** A light that is commanded every 200 ms and shows green from 8000 on, with an interval or without. */
  const commanded = (interval: readonly [number, number, number] | null, options: { from?: number } = {}) => {
    const scene = new MonitorScene()
    const lamp = scene.lamp('light2', { upMs: 5, downMs: 5 })
    for (let n = 1; n <= 90; n++) {
      const at = 1000 + 200 * n
      lamp.command(at, n, interval === null ? undefined : lamp.interval(...interval))
      lamp.report(at + 5, at < 8000 ? 'red' : 'green')
    }
    return scene.run(options)
  }

  t.test('a lamp that shows green without any interval trips, once all was seen that could allow it', async (t) => {
    const found = commanded(null)
    t.match(found, { finding: { kind: 'unallowed', light: 'light2' } })
    t.ok((found?.t ?? 0) >= 8250)
    t.equal(commanded([7990, 18_900, 19_900]), null)
  })

  t.test('it trips where its green has become amber, with what may be late', async (t) => {
    const found = commanded([7990, 9000, 10_000])
    t.ok((found?.t ?? 0) >= 9000 + 200 + 250 && (found?.t ?? 0) < 9900, `${found?.t}`)
  })

  t.test('a monitor that begins in the middle of a green waits for a horizon', async (t) => {
    const { horizonMs, lateMs } = new MonitorScene().crossing.constants
    const found = commanded(null, { from: 8500 })
    t.ok((found?.t ?? 0) >= 8500 + horizonMs + lateMs)
    t.equal(commanded([7990, 12_000, 13_000], { from: 8500 })?.finding.kind, 'unallowed', 'amber was due at 12000')
  })

  t.test('commands of another run, or of later numbers, allow nothing', async (t) => {
    for (const change of [{ run: RUN - 1 }, { n: 1000 }]) {
      const scene = new MonitorScene()
      const lamp = scene.lamp('light2')
      scene.pass(900, {
        kind: 'command',
        light: 'light2',
        command: { boot: 'light2-boot', run: RUN, n: 5, green: lamp.interval(7000, 12_000, 13_000), ...change },
      })
      lamp.report(890, 'red')
      for (let n = 1; n <= 50; n++) {
        lamp.command(1000 + 200 * n, n)
        lamp.report(1000 + 200 * n, n < 35 ? 'red' : 'green')
      }
      t.equal(scene.run()?.finding.kind, 'unallowed')
    }
  })

  t.test('a lamp with another file is judged by its clock alone', async (t) => {
    const scene = new MonitorScene()
    const lamp = scene.lamp('light2')
    for (let n = 1; n <= 60; n++) {
      lamp.command(1000 + 200 * n, n)
      lamp.report(1000 + 200 * n, n < 30 ? 'red' : 'green', { file: 'other' })
    }
    t.equal(scene.run(), null)
  })
})

interface Sound extends SceneOptions {
  readonly lateMs?: (t: number, light: string) => number
  readonly lost?: (t: number, light: string) => boolean
}

t.test('what must not trip', async (t) => {
  /** Two turns of a sound plan: light 1 is green from 10000, amber from 11500, red at 12500, light 2 500 ms after. */
  const sound = (options: Sound = {}) => {
    const { lateMs = () => 0, lost = () => false, ...scenery } = options
    const scene = new MonitorScene(scenery)
    const starts = { light1: [10_000, 16_000, 22_000], light2: [13_000, 19_000, 25_000] }
    for (const light of ['light1', 'light2'] as const) {
      const lamp = scene.lamp(light, { aheadMs: light === 'light1' ? 1e6 : 0, upMs: 5, downMs: 5 })
      for (let n = 1; n <= 120; n++) {
        const at = 5000 + 200 * n
        const start = starts[light].find((one) => at < one + 2500 && at > one - 600)
        lamp.command(at, n, start === undefined ? undefined : lamp.interval(start, start + 1500, start + 2500))
        for (const reported of [
          at + 5,
          ...starts[light].flatMap((one) => [one, one + 1500, one + 2500]).filter((c) => c > at + 5 && c < at + 205),
        ]) {
          const green = starts[light].find((one) => reported >= one && reported < one + 2500)
          const aspect = green === undefined ? 'red' : reported < green + 1500 ? 'green' : 'amber'
          if (!lost(reported, light)) lamp.report(reported, aspect, { lateMs: lateMs(reported, light) })
        }
      }
    }
    return scene
  }

  t.test('a sound crossing, in whole and seen from any moment on', async (t) => {
    t.equal(sound().run(), null)
    for (let from = 6000; from < 26_000; from += 333) t.equal(sound().run({ from }), null, `from ${from}`)
  })

  t.test('reports that are lost: the last of a green, and many', async (t) => {
    for (const [from, to] of [
      [12_100, 15_000],
      [11_900, 16_100],
      [10_400, 16_100],
      [12_499, 12_501],
    ] as const) {
      t.equal(sound({ lost: (at) => at > from && at < to }).run(), null, `${from} to ${to}`)
      const lost = (at: number, light: string): boolean => light === 'light1' && at > from && at < to
      t.equal(sound({ lost }).run(), null, `${from} to ${to}, of one light`)
    }
  })

  t.test('a way that stalls and then delivers', async (t) => {
    for (const heldMs of [300, 3000, 60_000]) {
      for (const from of [10_000, 11_000, 12_300, 13_000]) {
        const scene = sound({ lateMs: (at) => Math.max(0, at > from ? from + heldMs - at : 0) })
        t.equal(scene.run(), null, `${heldMs} ms from ${from}`)
      }
    }
  })

  t.test('everything once more, in order, at once, in reverse, and after a restart of the monitor', async (t) => {
    const scene = sound()
    const sent = scene.passages.toSorted((a, b) => a.t - b.t).map(({ event }) => event)
    t.equal(scene.run(), null)
    for (const replayed of [sent, sent.toReversed()]) {
      scene.passages.length = 0
      for (const [index, event] of replayed.entries()) scene.pass(30_000 + index, event)
      t.equal(scene.run(), null)
    }
    for (const everyMs of [1, 100]) {
      const again = new MonitorScene()
      for (const [index, event] of sent.entries()) again.pass(30_000 + everyMs * index, event)
      t.equal(again.run(), null, `one each ${everyMs} ms, to a monitor that knows nothing`)
    }
  })

  t.test('a command that passes again tells nothing of when it was taken', async (t) => {
    const scene = sound()
    const old = scene.passages.filter(({ event, t: at }) => event.kind === 'command' && at < 12_500)
    for (const { event } of old) scene.pass(20_000, event)
    t.equal(scene.run(), null)
  })

  t.test('a lamp that died while green, and its successor', async (t) => {
    const scene = new MonitorScene()
    const [first, second] = [scene.lamp('light1'), scene.lamp('light2')]
    for (let n = 1; n <= 40; n++) {
      const at = 1000 + 200 * n
      if (at < 7000) {
        first.command(at, n, first.interval(6000, 9000, 10_000))
        first.report(at, at < 6000 ? 'red' : 'green')
      }
      second.command(at, n, second.interval(7300, 8800, 9800))
      if (at < 7300 || at > 9800) second.report(at, 'red')
      else second.report(at, 'green')
    }
    scene.lamp('light1', { boot: 'next' }).reports(7200, 9000, 'red')
    t.equal(scene.run(), null)
  })

  t.test('two lights of one name', async (t) => {
    const scene = sound()
    scene.lamp('light1', { boot: 'twin' }).reports(9000, 24_000, 'flashing-red')
    t.equal(scene.run(), null)
  })

  t.test('reports that contradict what their boot said before', async (t) => {
    for (const change of [{ run: 0, n: 0 }, { run: RUN - 1, n: 5000 }, { n: 1 }]) {
      const scene = sound()
      const green = scene.passages.filter(({ event }) => event.kind === 'report' && event.report.aspect === 'green')
      for (const { t: at, event } of green) {
        if (event.kind !== 'report') continue
        const now = lightTime(event.report.now + 3)
        scene.pass(at + 3, { ...event, report: { ...event.report, now, ...change } })
      }
      t.equal(scene.run(), null, JSON.stringify(change))
    }
  })

  /** While the reports of light 1 are held, somebody sends them on at once, changed; or the reports alone are held. */
  const retold = (rules: SceneOptions['rules'] = MONITOR_RULES) => {
    const scene = sound({
      rules,
      lateMs: (at, light) => (light === 'light1' && at > 10_000 ? Math.max(0, 12_400 - at) : 0),
    })
    for (const { event } of [...scene.passages]) {
      if (event.kind !== 'report' || event.light !== 'light1' || event.report.aspect !== 'green') continue
      const { report } = event
      scene.pass(report.now - 1e6 + 6, { ...event, report: { ...report, run: 0, n: 0 } })
    }
    return scene.run()
  }

  t.test('reports that contradict, while the true ones are held', async (t) => {
    t.equal(retold(), null)
    t.equal(retold({ ...MONITOR_RULES, M1: () => true })?.finding.kind, 'unallowed', 'they would, but for M1')
  })

  t.test('the copy of a light under another boot', async (t) => {
    const scene = sound()
    for (const { t: at, event } of [...scene.passages]) {
      if (event.kind === 'report') scene.pass(at + 1, { ...event, report: { ...event.report, boot: 'copy' } })
    }
    t.equal(scene.run(), null)
  })

  t.test('lights and crossings that it knows nothing of', async (t) => {
    const scene = new MonitorScene()
    scene.lamp('light3').reports(0, 5000, 'green')
    t.equal(scene.run(), null)
    t.equal(scene.state.lights.size, 0)
  })
})

t.test('clocks', async (t) => {
  /** Light 1 is green from 2000 to 4000; light 2 after that, but its clock jumps by `jumpMs` before its green. */
  const jumping = (jumpMs: number, options: { steppedAt?: number } = {}) => {
    const scene = new MonitorScene()
    const first = scene.lamp('light1')
    const second = scene.lamp('light2')
    const later = scene.lamp('light2', { aheadMs: 5000 + jumpMs })
    for (let n = 1; n <= 60; n++) {
      const at = 1000 + 100 * n
      first.command(at, n, first.interval(2000, 3000, 4000))
      first.report(at, at < 2000 || at >= 4000 ? 'red' : at < 3000 ? 'green' : 'amber')
      const lamp = at < 4500 ? second : later
      lamp.command(at, n, later.interval(5000, 6000, 7000))
      lamp.report(at, at >= 5000 ? 'green' : 'red')
    }
    return { found: scene.run(options), scene }
  }

  t.test('a clock that stood still or was set is known no more, and is learned anew', async (t) => {
    for (const jumpMs of [-2500, -300, 300, 2500]) {
      const { found, scene } = jumping(jumpMs)
      t.equal(found, null, `${jumpMs} ms`)
      if (jumpMs > 0) t.ok((scene.watch('light2')?.since ?? 0) >= 4500)
    }
  })

  t.test("a step between the broker's own clocks forgets all", async (t) => {
    const { scene } = jumping(0, { steppedAt: 4000 })
    t.ok((scene.watch('light1')?.since ?? 0) >= 4000)
  })

  t.test('boots of a light are forgotten, the one silent longest first', async (t) => {
    const scene = new MonitorScene()
    for (let boot = 0; boot < 20; boot++) {
      scene.lamp('light1', { boot: `${boot}` }).report(100 * boot, 'red')
      scene.lamp('light1', { boot: 'steady' }).report(100 * boot + 50, 'red')
    }
    scene.run()
    t.same(
      scene.state.lights.get('light1')?.map(({ boot }) => boot),
      ['17', '18', '19', 'steady'],
    )
  })
})

t.test('a boot that may be long dead, whose messages are sent again to a monitor that began late', async (t) => {
  /** Each light took command `n` and shows green, as its reports say that pass from `times` on; 600 ms of it. */
  const again = (times: readonly [number, number][], rules: SceneOptions['rules'] = MONITOR_RULES) => {
    const scene = new MonitorScene({ rules })
    for (const light of ['light1', 'light2']) {
      const lamp = scene.lamp(light)
      for (const [at, n] of times) {
        lamp.command(at, n, lamp.interval(20_000, 21_000, 22_000))
        lamp.report(at, 'green')
      }
      lamp.report(20_600, 'green')
    }
    return scene.run()
  }

  t.test('one echo is not believed, nor several of a burst', async (t) => {
    const burst: [number, number][] = [
      [20_000, 7],
      [20_030, 8],
      [20_060, 9],
    ]
    t.equal(again(burst.slice(0, 1)), null)
    t.equal(again(burst), null)
    t.match(
      again(burst, { ...MONITOR_RULES, M7: () => true })?.finding,
      { kind: 'conflict' },
      'they would be, but for M7',
    )
  })

  t.test('two that were as far apart as their commands are', async (t) => {
    const live: [number, number][] = [
      [20_000, 7],
      [20_200, 8],
    ]
    t.match(again(live)?.finding, { kind: 'conflict' })
  })

  t.test('nor two that were not', async (t) => {
    const scene = new MonitorScene()
    for (const light of ['light1', 'light2']) {
      const [before, later] = [scene.lamp(light), scene.lamp(light, { aheadMs: 5300 })]
      before.command(20_000, 7, before.interval(20_000, 21_000, 22_000))
      before.report(20_000, 'green')
      later.command(20_300, 8, before.interval(20_000, 21_000, 22_000))
      later.report(20_300, 'green')
      later.report(20_900, 'green')
    }
    t.equal(scene.run(), null)
  })

  t.test('where the monitor saw it begin the first one is', async (t) => {
    const scene = new MonitorScene()
    for (const light of ['light1', 'light2']) {
      const lamp = scene.lamp(light)
      lamp.report(19_900, 'flashing-red')
      lamp.command(20_000, 1, lamp.interval(20_000, 21_000, 22_000))
      lamp.report(20_000, 'green')
      lamp.report(20_600, 'green')
    }
    t.match(scene.run()?.finding, { kind: 'conflict' })
  })
  t.test('nor is its first one where a command to it passed before', async (t) => {
    const scene = new MonitorScene()
    for (const light of ['light1', 'light2']) {
      const lamp = scene.lamp(light)
      lamp.command(19_800, 7, lamp.interval(20_000, 21_000, 22_000))
      lamp.report(19_900, 'flashing-red', { run: 0, n: 0 })
      lamp.report(20_000, 'green')
      lamp.report(20_600, 'green')
    }
    t.equal(scene.run(), null)
  })
})
