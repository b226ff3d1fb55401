import t from 'tap'
import { DEMO_CROSSING } from '../../../../src/protocol/crossing.ts'
import { emptyModel, stepModel } from '../../../../src/web/model/crossing-model.ts'
import { shownBy } from '../../../../src/web/model/light-record.ts'
import { factsOf, PageScene, planLight, planWith, reportAt, tripOf } from '../../../fixtures/page-scene.ts'

const shown = ({ model }: PageScene): readonly string[] => [...model.lights.values()].map(shownBy)
const marks = ({ model }: PageScene): readonly string[] => model.marks.map(({ kind, text }) => `${kind}: ${text}`)

t.test('the lights are those of the file, in its order, whatever else reports', async (t) => {
  const scene = PageScene.connected().report('stranger', 'green')
  t.strictSame([...scene.model.lights.keys()], DEMO_CROSSING.lights)
})

t.test(
  'before the file has come, lights are those that were heard, and no more than a crossing may have',
  async (t) => {
    const scene = new PageScene()
    for (let index = 0; index < 40; index++) scene.report(`light${index}`, 'red')
    t.equal(scene.model.lights.size, 16)
    scene.tell({ kind: 'file', facts: factsOf() })
    t.strictSame([...scene.model.lights.keys()], DEMO_CROSSING.lights)
    t.equal(shown(scene)[0], 'red', 'what was heard of it stays')
  },
)

t.test('the picture is what lamps report, never what a controller asks for', async (t) => {
  const scene = PageScene.connected().report('light1', 'red').report('light2', 'red')
  scene.tell({ kind: 'plan', plan: planWith({ lights: { light1: planLight({ aspect: 'green' }) } }) })
  t.strictSame(shown(scene), ['red', 'red'])
})

t.test('a light that is silent for longer than the file allows is not known any more', async (t) => {
  const scene = PageScene.connected().report('light1', 'green').report('light2', 'red')
  scene.pass(900, 'light2')
  t.strictSame(shown(scene), ['green', 'red'])
  scene.pass(200, 'light2')
  t.strictSame(shown(scene), ['unknown', 'red'])
  scene.report('light1', 'red')
  t.strictSame(shown(scene), ['red', 'red'])
})

t.test('a page that is cut off knows nothing, and says when', async (t) => {
  const scene = PageScene.connected().report('light1', 'green').report('light2', 'red')
  scene.tell({ kind: 'link', isUp: false })
  t.strictSame(shown(scene), ['unknown', 'unknown'])
  t.match(marks(scene).at(-1), /link: this page lost the broker/)
  t.equal(stepModel(scene.model, { kind: 'link', isUp: false }, scene.nowMs), scene.model)
})

t.test('two conflicting lights that were non-red at one time are counted, once', async (t) => {
  const scene = PageScene.connected().report('light1', 'green').pass(300, 'light1')
  scene.report('light2', 'green').pass(500, 'light1', 'light2').report('light1', 'red').pass(400, 'light1', 'light2')
  scene.report('light2', 'red')
  t.equal(scene.model.watch.conflicts, 1)
  t.match(marks(scene), ['link: this page is connected', 'conflict: light1 and light2 were both non-red'])
})

t.test('a late report of a red that came in time is no conflict', async (t) => {
  const scene = PageScene.connected().report('light1', 'green').pass(300, 'light1').pass(400)
  scene.report('light2', 'green').pass(300, 'light2')
  scene.report('light1', 'red', { delayMs: 500 }).pass(300, 'light1', 'light2').report('light2', 'red')
  t.equal(scene.model.watch.conflicts, 0)
})

t.test('a red whose first reports were lost is no conflict', async (t) => {
  const scene = PageScene.connected().report('light1', 'green').pass(300, 'light1').report('light1', 'amber')
  scene.pass(200).report('light2', 'green').pass(300, 'light2').report('light1', 'red').pass(300, 'light1', 'light2')
  t.equal(scene.model.watch.conflicts, 0)
})

t.test('what is shorter than the round trip that a controller measured proves nothing', async (t) => {
  const scene = PageScene.connected()
  const lights = { light1: planLight({ roundTripMs: 900 }), light2: planLight() }
  scene
    .tell({ kind: 'plan', plan: planWith({ lights }) })
    .report('light1', 'green')
    .pass(300, 'light1')
  scene.report('light2', 'green').pass(500, 'light1', 'light2').report('light1', 'red').report('light2', 'red')
  t.equal(scene.model.watch.conflicts, 0)
})

t.test('stop, start, restart of a lamp, another controller, mode and trip are marked', async (t) => {
  const scene = PageScene.connected().report('light1', 'red').tell({ kind: 'plan', plan: planWith() })
  scene.tell({ kind: 'plan', plan: planWith({ state: 'stopped', waitingFor: 'light2: not heard' }) }, 10)
  scene.tell({ kind: 'plan', plan: planWith({ run: 8 }) }, 10)
  scene.tell({ kind: 'report', light: 'light1', report: reportAt(scene.nowMs, 'red', { boot: 'boot-2' }) }, 10)
  scene.tell({ kind: 'mode', mode: 'hold' }, 10).tell({ kind: 'mode', mode: 'hold' }, 10)
  scene.tell({ kind: 'trip', trip: tripOf(true, 'both green') }, 10)
  scene.tell({ kind: 'trip', trip: tripOf(true, 'both green') }, 10)
  scene.tell({ kind: 'trip', trip: tripOf(false, '') }, 10)
  scene.tell({ kind: 'mark', mark: { kind: 'lab', text: 'light1 was killed' } }, 10)
  t.strictSame(marks(scene).slice(1), [
    'stop: the plan stops: light2: not heard',
    'restart: another controller took charge',
    'start: the plan runs',
    'restart: light1: its lamp began anew',
    'mode: an operator: mode hold',
    'trip: conflict monitor: both green',
    'reset: the conflict monitor was reset',
    'lab: light1 was killed',
  ])
})

t.test('a controller that was started anew is marked once it is in charge again', async (t) => {
  const scene = PageScene.connected().tell({ kind: 'plan', plan: planWith() })
  scene.tell({ kind: 'plan', plan: planWith({ run: null, state: 'waiting' }) }, 10)
  scene.tell({ kind: 'plan', plan: planWith({ run: 9 }) }, 10)
  t.strictSame(marks(scene).slice(1), [
    'stop: the plan stops: waiting',
    'restart: another controller took charge',
    'start: the plan runs',
  ])
})

t.test('a flood of events is a bounded number of marks, and the same one at once is one', async (t) => {
  const scene = PageScene.connected()
  for (let index = 0; index < 1000; index++) scene.tell({ kind: 'mark', mark: { kind: 'refused', text: `${index}` } })
  t.ok(scene.model.marks.length <= 120)
  const before = scene.model.marks
  scene.tell({ kind: 'mark', mark: { kind: 'refused', text: '999' } }, 500)
  t.equal(scene.model.marks, before)
})

t.test('time alone changes nothing while all is well', async (t) => {
  const model = emptyModel(0)
  t.equal(stepModel(model, { kind: 'tick' }, 60_000), model)
  const scene = PageScene.connected().report('light1', 'red').report('light2', 'red')
  t.equal(stepModel(scene.model, { kind: 'tick' }, scene.nowMs + 100), scene.model)
})
