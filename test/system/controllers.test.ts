/** The controller dies, hangs, or is not the only one. */
import t from 'tap'
import type { MqttPerson } from '../fixtures/mqtt-person.ts'
import { rigTest, SIDE_BY_SIDE } from '../fixtures/rig-test.ts'
import { faultLasts, nowMs } from '../fixtures/waiting.ts'

t.jobs = SIDE_BY_SIDE

const STOPPED_MS = 5000

const PLAN = 'crossings/demo/plan'

/** The runs that speak for the crossing, in the order of their first word; null where nobody is in charge. */
function runsOf(viewer: MqttPerson, sinceMs = 0): readonly unknown[] {
  const said = viewer.on(PLAN).filter(({ atMs }) => atMs >= sinceMs)
  return [...new Set(said.map(({ payload }) => JSON.parse(payload.toString()).run))]
}

rigTest(t, 'the only controller', async (t, rig) => {
  let { controller } = rig

  await t.test('dies: lights end what they hold, and obey the next one', async (t) => {
    await controller.kill()
    const since = nowMs()
    controller = rig.startController()
    await rig.recovers(t, since, 'controller')
  })

  await t.test('is stopped: the crossing stops, and goes on with it', async (t) => {
    controller.signal('SIGSTOP')
    await faultLasts(STOPPED_MS)
    t.same(
      ['light1', 'light2'].map((light) => rig.traces.colourOf(light)),
      ['red', 'red'],
    )
    const since = nowMs()
    controller.signal('SIGCONT')
    await rig.recovers(t, since, 'controller')
  })
})

rigTest(t, 'a controller with a hot standby', async (t, rig) => {
  const first = rig.controller
  const standby = rig.startController()

  await t.test(
    'is stopped: the standby takes charge by itself, and the first is out of it when it wakes up',
    async (t) => {
      await standby.logs('connected')
      await rig.traces.turns('light2', 'green')
      t.notOk(standby.log.some(({ msg }) => msg === 'took_charge'))
      const since = nowMs()
      first.signal('SIGSTOP')
      await standby.logs('took_charge')
      await rig.recovers(t, since, 'controller')
      const woken = nowMs()
      first.signal('SIGCONT')
      await first.logs('out_of_charge')
      await rig.isUndisturbed(t, woken)
    },
  )

  await t.test('dies: the first takes charge by itself', async (t) => {
    const since = nowMs()
    await standby.kill()
    await first.logsTimes('took_charge', 2)
    await rig.recovers(t, since, 'controller')
  })
})

rigTest(
  t,
  'a second and a third controller change nothing, and when the first dies one of them takes over',
  async (t, rig) => {
    const viewer = await rig.person('viewer')
    await viewer.subscribe(PLAN)
    const joined = nowMs()
    const [second, third] = [rig.startController(), rig.startController()]
    await Promise.all([second.logs('connected'), third.logs('connected')])
    await rig.isUndisturbed(t, joined)
    const runs = runsOf(viewer)
    t.equal(runs.length, 1, 'one alone publishes the plan')
    const since = nowMs()
    await rig.controller.kill()
    await rig.recovers(t, since, 'controller')
    const settled = await rig.steadyTurn()
    rig.keptRhythm(t, settled)
    const later = runsOf(viewer, settled)
    t.equal(later.length, 1, 'again one alone')
    t.ok(Number(later[0]) > Number(runs[0]), 'with a larger run')
  },
)

rigTest(
  t,
  'the leading light of a pair runs the controller too: kill -9 of it stops both, and a restart brings both back',
  async (t, rig) => {
    await rig.reservePort()
    await rig.startBroker()
    rig.startLight('light1', { argv: ['--control'] })
    rig.startLight('light2')
    await rig.traces.shows('light1', 'green')
    const since = nowMs()
    await rig.light('light1').kill()
    rig.startLight('light1', { argv: ['--control'] })
    await rig.recovers(t, since, 'parent')
  },
  { running: false },
)
