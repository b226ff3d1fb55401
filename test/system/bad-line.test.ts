/** The line between a light and its broker is cut, held, slow, or lost without a word. */
import t, { type Test } from 'tap'
import { LIE_MS } from '../fixtures/crossing-bounds.ts'
import type { Rig } from '../fixtures/crossing-rig.ts'
import { FaultyProxy } from '../fixtures/faulty-proxy.ts'
import { rigTest } from '../fixtures/rig-test.ts'
import { faultLasts, nowMs } from '../fixtures/waiting.ts'

const ASPECT = 'crossings/demo/lights/light1/aspect'

/** Checks that the plan waited for the light that cannot be heard. */
function nobodyWasGreen(t: Test, rig: Rig, sinceMs: number): void {
  const greens = rig.traces.frames.filter(({ atMs, colour }) => atMs >= sinceMs && colour === 'green')
  t.same(greens, [], 'nobody is given green meanwhile')
}

rigTest(
  t,
  'a light has a bad line to its broker',
  async (t, rig) => {
    await rig.startBroker()
    await using line = await FaultyProxy.open(rig.address)
    rig.startLight('light1', { url: line.url })
    rig.startLight('light2')
    rig.startController()
    await rig.traces.shows('light1', 'green')

    await t.test('that is cut', async (t) => {
      const since = nowMs()
      line.cut()
      await rig.light('light1').logs('not_connected')
      await rig.recovers(t, since, 'lamp')
    })

    await t.test('that stalls for 8 s, then delivers all that was held', async (t) => {
      line.stall()
      await faultLasts(8000)
      nobodyWasGreen(t, rig, nowMs() - 4000)
      const since = nowMs()
      line.resume()
      await rig.recovers(t, since, 'lamp')
    })

    await t.test('that takes 2 s each way for a while', async (t) => {
      line.delay(2000)
      await faultLasts(8000)
      nobodyWasGreen(t, rig, nowMs() - 4000)
      const since = nowMs()
      line.delay(0)
      await rig.recovers(t, since, 'lamp')
    })

    await t.test('that is lost without an end: the will of the old connection does not leave a lie', async (t) => {
      const viewer = await rig.person('viewer')
      await viewer.subscribe(ASPECT)
      // The broker hears no end of the old connection: it is still waiting for it while the new one is there.
      line.losePower()
      const killed = nowMs()
      await rig.light('light1').kill()
      const again = rig.startLight('light1', { url: line.url })
      await Promise.all([again.logs('connected'), again.logs('display_held')])
      const lie = await viewer.hears(ASPECT, ({ atMs, payload }) => atMs > killed && payload.toString() === 'offline')
      const truth = await viewer.hears(
        ASPECT,
        ({ atMs, payload }) => atMs > lie.atMs && payload.toString() !== 'offline',
      )
      rig.isWithin(t, 'the truth after the lie', { tookMs: truth.atMs - lie.atMs, boundMs: LIE_MS, sinceMs: lie.atMs })
      t.ok(
        viewer.on(ASPECT).some(({ atMs }) => atMs < lie.atMs && atMs > killed),
        'it was back before',
      )
      await rig.recovers(t, nowMs(), 'parent')
    })
  },
  { running: false },
)
