/** Two lights with one name, and crossing files that differ. */
import t from 'tap'
import { LIGHTS } from '../fixtures/crossing-rig.ts'
import { FaultyProxy } from '../fixtures/faulty-proxy.ts'
import type { RunningProcess } from '../fixtures/processes.ts'
import { rigTest, SIDE_BY_SIDE } from '../fixtures/rig-test.ts'
import { faultLasts, nowMs } from '../fixtures/waiting.ts'

t.jobs = SIDE_BY_SIDE

const ASPECT = 'crossings/demo/lights/light1/aspect'

/** The display of the second light that is called light1. */
const SECOND = 'light1-again'

rigTest(t, 'a second light of one name on one machine waits for the display and says who holds it', async (t, rig) => {
  const since = nowMs()
  const holder = await rig.lamp('light1')
  const second = rig.startLight('light1', { display: SECOND })
  const { pid } = await second.logs('display_held_by_another')
  // A lamp that a busy machine let die left its display to whoever waited.
  if (!rig.hasStill(t, rig.light('light1').pid, holder, since)) return rig.judge(t, [SECOND, 'light2'])
  t.equal(pid, holder.pid, 'it names the lamp that holds the display')
  await rig.isUndisturbed(t, since)
  t.equal(rig.traces.colourOf(SECOND), undefined, 'it paints nothing before it holds the display')
  rig.light('light1').signal('SIGTERM')
  await rig.light('light1').ended
  const freed = nowMs()
  await rig.recovers(t, freed, 'lamp', [SECOND, 'light2'])
  rig.judge(t, [SECOND, 'light2'])
})

rigTest(
  t,
  'of two lights with one name on two machines the first goes on; the second stays red and says why',
  async (t, rig) => {
    const viewer = await rig.person('viewer')
    await viewer.subscribe(ASPECT)
    const since = nowMs()
    // Another way to the same broker: nothing that the two share on one machine.
    await using otherWay = await FaultyProxy.open(rig.address)
    const second = rig.startLight('light1', { display: SECOND, url: otherWay.url })
    await second.logs('connected')
    const saysSo = (light: RunningProcess): Promise<RunningProcess> =>
      light.logs('another_light_of_this_name', () => true, 20_000).then(() => light)
    // Who is not heard for staleMs loses its name to whoever is (C3): the first one, where it was kept from running.
    const loser = await Promise.any([saysSo(second), saysSo(rig.light('light1'))])
    if (loser !== second) {
      rig.holdsUnlessStarved(t, false, { what: 'the first goes on', sinceMs: since })
      return rig.judge(t, [SECOND, 'light2'])
    }
    const told = nowMs()
    await rig.isUndisturbed(t, since)
    const isRed = rig.traces.frames.every(({ light, colour }) => light !== SECOND || colour === 'red')
    rig.holdsUnlessStarved(t, isRed, { what: 'the second shows red alone', sinceMs: since })
    // The first one goes on telling its aspect.
    for (const aspect of ['red', 'green']) {
      await viewer.hears(ASPECT, ({ payload, atMs }) => atMs > told && payload.toString() === aspect)
    }
    const said = viewer.on(ASPECT).filter(({ atMs }) => atMs > told)
    const isCalm = said.every(({ payload }) => payload.toString() !== 'flashing-red')
    rig.holdsUnlessStarved(t, isCalm, { what: 'the first does not flash', sinceMs: since })
    rig.light('light1').signal('SIGTERM')
    await rig.light('light1').ended
    await rig.recovers(t, nowMs(), 'lamp', [SECOND, 'light2'])
    await viewer.hears(ASPECT, ({ payload, atMs }) => atMs > told && payload.toString() === 'green')
    rig.judge(t, [SECOND, 'light2'])
  },
)

/** The built-in demo crossing, but for a longer amber. */
const OTHER_FILE = JSON.stringify({
  crossing: 'demo',
  lights: LIGHTS,
  stages: LIGHTS.map((light, index) => ({ name: `${index}`, green: [light], seconds: 1.5 })),
  compatible: [],
  amberSeconds: 1.5,
  redAmberSeconds: 0,
  allRedSeconds: 0.5,
  constants: 'demo',
})

const DIGEST = /^[0-9a-f]{64}$/

rigTest(
  t,
  'a crossing file that differs stops the crossing; light and controller name the light and both digests',
  async (t, rig) => {
    const file = rig.writeFile('other.json', OTHER_FILE)
    await rig.startBroker()
    rig.startLight('light1')
    const differing = rig.startLight('light2', { argv: ['--crossing', file] })
    const controller = rig.startController()
    const [itsWord, controllersWord] = await Promise.all([
      differing.logs('crossing_file_differs'),
      controller.logs('crossing_file_differs'),
    ])
    await faultLasts(8000)
    t.notOk(
      rig.traces.frames.some(({ colour }) => colour !== 'red'),
      'nobody gets green',
    )
    t.equal(itsWord['light'], 'light2')
    t.equal(controllersWord['light'], 'light2')
    t.match(itsWord, { ours: DIGEST, controllers: DIGEST })
    t.match(controllersWord, { its: itsWord['ours'], ours: itsWord['controllers'] })
    t.not(itsWord['ours'], itsWord['controllers'])
    await differing.kill()
    const since = nowMs()
    rig.startLight('light2')
    await rig.recovers(t, since, 'parent')
  },
  { running: false },
)
