import t from 'tap'
import type { CrossingModel } from '../../../../src/web/model/crossing-model.ts'
import { intendedShapes, readingAt, shownShapes } from '../../../../src/web/view/diagram.ts'
import { commandFor, PageScene } from '../../../fixtures/page-scene.ts'

const shapesOf = ({ lights }: CrossingModel, light: string, sinceMs: number) => {
  const record = lights.get(light)
  if (record === undefined) throw new Error(`no ${light}`)
  return shownShapes(record, sinceMs)
}

/** light1 green and amber, then all red, then light2 green. */
function oneStage(): PageScene {
  const scene = PageScene.connected().report('light1', 'red').report('light2', 'red').pass(500, 'light1', 'light2')
  scene.report('light1', 'green').pass(1500, 'light1', 'light2')
  scene.report('light1', 'amber').pass(1000, 'light1', 'light2').report('light1', 'red').pass(500, 'light1', 'light2')
  return scene.report('light2', 'green').pass(300, 'light1', 'light2')
}

t.test('a row shows each aspect from its start to its end; the last one lasts', async (t) => {
  const shapes = shapesOf(oneStage().model, 'light1', 0).filter(({ look }) => look !== 'intergreen')
  t.strictSame(
    shapes.map(({ look, toMs }) => `${look}${toMs === null ? '…' : ''}`),
    ['unknown', 'red', 'green', 'amber', 'red…'],
  )
  t.equal(new Set(shapes.map(({ key }) => key)).size, shapes.length)
})

t.test('the intergreen is measured from the end of a green to the start of the conflicting one', async (t) => {
  const between = shapesOf(oneStage().model, 'light2', 0).filter(({ look }) => look === 'intergreen')
  t.equal(between.length, 1)
  t.match(between, [{ label: '1.5' }])
  t.ok(Math.abs((between[0]?.toMs ?? 0) - (between[0]?.fromMs ?? 0) - 1500) < 20)
})

t.test('an end of green that is told late is measured all the same', async (t) => {
  const scene = PageScene.connected().report('light1', 'red').report('light2', 'red').pass(500, 'light1', 'light2')
  scene.report('light1', 'green').pass(1000, 'light1', 'light2').pass(500, 'light2')
  scene.report('light2', 'green').pass(200, 'light2').report('light1', 'red', { delayMs: 690 })
  t.match(
    shapesOf(scene.model, 'light2', 0).filter(({ look }) => look === 'intergreen'),
    [{ label: '0.5' }],
  )
})

t.test('there is no intergreen where a light was green itself in between, nor before the first green', async (t) => {
  const scene = oneStage().report('light2', 'amber').pass(500, 'light1', 'light2')
  scene.report('light2', 'red').pass(500, 'light1', 'light2').report('light2', 'green')
  const between = shapesOf(scene.model, 'light2', 0).filter(({ look }) => look === 'intergreen')
  t.equal(between.length, 1)
  t.strictSame(
    shapesOf(scene.model, 'light1', 0).filter(({ look }) => look === 'intergreen'),
    [],
  )
})

t.test('what was asked for is red-amber, green and amber, as far as there is any of it', async (t) => {
  const scene = PageScene.connected().report('light1', 'red')
  scene.tell({ kind: 'command', light: 'light1', command: commandFor(5000, 8000, 9000) })
  const light = scene.model.lights.get('light1')
  if (light === undefined) throw new Error('no light')
  const looks = (redAmberMs: number) => intendedShapes(light, { redAmberMs, sinceMs: 0 }).map(({ look }) => look)
  t.strictSame(looks(0), ['intended-green', 'intended-amber'])
  t.strictSame(looks(1000), ['intended-red-amber', 'intended-green', 'intended-amber'])
})

t.test('what ended before the time that is shown is left out', async (t) => {
  const { model, nowMs } = oneStage()
  const shapes = shapesOf(model, 'light1', nowMs - 1500)
  t.strictSame(
    shapes.map(({ look }) => look),
    ['amber', 'red'],
  )
  t.strictSame(shapesOf(model, 'light2', nowMs - 200).length, 1)
})

t.test('a time reads what each light showed then, and what happened', async (t) => {
  const scene = oneStage().tell({ kind: 'mark', mark: { kind: 'lab', text: 'light2 was killed' } })
  t.match(readingAt(scene.model, scene.nowMs, scene.nowMs), [
    /^light1: red, so far 0\.8 s$/,
    /^light2: green, so far 0\.3 s$/,
    'light2 was killed',
  ])
  t.match(readingAt(scene.model, scene.nowMs - 2000, scene.nowMs), [/^light1: green, 1\.5 s$/, /^light2: red, 3\.5 s$/])
  t.match(readingAt(scene.model, -1, scene.nowMs), ['light1: no record', 'light2: no record'])
})
