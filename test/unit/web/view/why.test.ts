import t from 'tap'
import { pictureOf, whyOf } from '../../../../src/web/view/why.ts'
import { commandFor, PageScene, planLight, planWith, tripOf } from '../../../fixtures/page-scene.ts'

const textOf = ({ model, nowMs }: PageScene): string => whyOf(model, nowMs).text

const both = (aspect: 'red' | 'flashing-red'): PageScene =>
  PageScene.connected().report('light1', aspect).report('light2', aspect)

t.test('each state has its one line', async (t) => {
  const cases: readonly (readonly [PageScene, RegExp])[] = [
    [new PageScene(), /^this page has no connection to the broker: .* \(for 0\.0 s\)$/],
    [new PageScene().tell({ kind: 'link', isUp: true }), /^waiting for a light or a controller to be heard$/],
    [PageScene.connected(), /^light1 and light2 have not been heard yet$/],
    [both('red'), /^no controller has been heard yet: all red$/],
    [
      both('flashing-red').tell({ kind: 'trip', trip: tripOf(true, 'both green') }),
      /^both flash red: the conflict monitor has tripped \(both green\), and waits for an operator's reset$/,
    ],
    [
      both('flashing-red').tell({
        kind: 'plan',
        plan: planWith({ run: null, state: 'waiting', waitingFor: 'the lights' }),
      }),
      /^both flash red: nobody is in charge; waiting for the lights$/,
    ],
    [both('red').tell({ kind: 'plan', plan: planWith({ state: 'held' }) }), /^all red: held by an operator$/],
    [
      both('red').tell({ kind: 'plan', plan: planWith({ stage: null, changeSeconds: 0.5 }) }),
      /^all red: starting in 0\.5 s$/,
    ],
    [
      both('red').tell({ kind: 'plan', plan: planWith({ stage: 'two', changeSeconds: 0.4 }) }),
      /^all red: the crossing is cleared, then stage “one” in 0\.4 s$/,
    ],
    [
      both('red').report('light1', 'green').tell({ kind: 'plan', plan: planWith() }),
      /^light1 green, stage “one”: amber in 1\.2 s$/,
    ],
    [
      both('red')
        .report('light1', 'amber')
        .tell({ kind: 'plan', plan: planWith({ changeSeconds: 2 }) }),
      /^light1 amber, light2 red: next green in 2\.0 s$/,
    ],
  ]
  for (const [scene, expected] of cases) t.match(textOf(scene), expected)
})

t.test('all red before a stage that was granted says that one comes, and not the one after it', async (t) => {
  const scene = both('red').tell({ kind: 'plan', plan: planWith({ changeSeconds: 0.4 }) })
  const { nowMs } = scene
  scene.tell({ kind: 'command', light: 'light1', command: commandFor(nowMs + 400, nowMs + 1900, nowMs + 2900) })
  t.equal(textOf(scene), 'all red: the crossing is cleared, then stage “one” in 0.4 s')
  scene.pass(3000, 'light1', 'light2').tell({ kind: 'plan', plan: planWith({ changeSeconds: 0.3 }) })
  t.equal(textOf(scene), 'all red: the crossing is cleared, then stage “two” in 0.3 s')
})

t.test('a light that is gone: for how long, and what the others do about it', async (t) => {
  const scene = both('red')
    .tell({ kind: 'plan', plan: planWith() })
    .pass(900, 'light1')
    .report('light1', 'flashing-red')
  scene.pass(1200, 'light1')
  t.match(textOf(scene), /^light2 has not been heard for 2\.1 s: light1 flashes red$/)
})

t.test('a light that is back: how long it is heard again', async (t) => {
  const lights = { light1: planLight(), light2: planLight({ state: 'adopting', heardSecondsAgo: 0.8 }) }
  const plan = planWith({ state: 'stopped', stage: null, waitingFor: 'light2: to answer this controller', lights })
  t.equal(
    textOf(both('red').tell({ kind: 'plan', plan })),
    'all red: waiting for light2: to answer this controller (light2 was heard 0.8 s ago)',
  )
})

t.test('a controller that is gone: for how long, and that what was granted runs out', async (t) => {
  const scene = both('red').report('light1', 'green').tell({ kind: 'plan', plan: planWith() })
  scene.pass(3500, 'light1', 'light2')
  t.equal(
    textOf(scene),
    'the controller has not been heard for 3.5 s: light1 green, light2 red, what was granted runs out',
  )
})

t.test('the topic stays the same while only figures change, and says whether all is as ever', async (t) => {
  const scene = both('red').report('light1', 'green').tell({ kind: 'plan', plan: planWith() })
  const before = whyOf(scene.model, scene.nowMs)
  const after = whyOf(scene.model, scene.nowMs + 300)
  t.not(after.text, before.text)
  t.equal(after.topic, before.topic)
  t.ok(after.isRoutine)
  t.notOk(whyOf(new PageScene().model, 0).isRoutine)
})

t.test('what several lights show is said in groups', async (t) => {
  const { model } = both('red').report('light2', 'flashing-red')
  t.equal(pictureOf(model.lights), 'light1 red, light2 flashes red')
  t.equal(pictureOf(new Map()), 'no light is known')
})
