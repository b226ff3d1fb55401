/** The small views: what stands in the middle, countdowns, figures, what is announced, what came of a wish. */
import t from 'tap'
import { announce } from '../../../../src/web/view/announcer.ts'
import { outcomeOf, type Wish } from '../../../../src/web/view/confirmation.ts'
import { secondsLeftOf } from '../../../../src/web/view/countdown.ts'
import { FIGURES, figuresOf } from '../../../../src/web/view/figures.ts'
import { middleOf } from '../../../../src/web/view/middle.ts'
import { ago, listed, minutes, seconds } from '../../../../src/web/view/words.ts'
import { commandFor, PageScene, planLight, planWith, tripOf } from '../../../fixtures/page-scene.ts'

const both = (aspect: 'red' | 'flashing-red'): PageScene =>
  PageScene.connected().report('light1', aspect).report('light2', aspect)

t.test('the middle says what holds for all lights', async (t) => {
  const tripped = both('flashing-red').tell({ kind: 'trip', trip: tripOf(true, '') })
  for (const [scene, look, title] of [
    [new PageScene(), 'unknown', 'CUT OFF'],
    [new PageScene().tell({ kind: 'link', isUp: true }), 'unknown', '–'],
    [PageScene.connected(), 'unknown', 'NO LIGHT'],
    [PageScene.connected().report('light1', 'red'), 'unknown', '1 GONE'],
    [tripped, 'tripped', 'TRIPPED'],
    [both('flashing-red'), 'flash', 'FLASH'],
    [both('red'), 'all-red', 'ALL RED'],
    [both('red').report('light1', 'green').tell({ kind: 'plan', plan: planWith() }), 'stage', 'one'],
  ] as const) {
    t.match(middleOf(scene.model, scene.nowMs), { look, title })
  }
})

t.test('a countdown is whole seconds, rounded up, and ends with the controller that said so', async (t) => {
  const scene = both('red').tell({
    kind: 'plan',
    plan: planWith({ lights: { light1: planLight({ changeSeconds: 9.5 }) } }),
  })
  t.equal(secondsLeftOf(scene.model, 'light1', scene.nowMs), 10)
  t.equal(secondsLeftOf(scene.model, 'light1', scene.nowMs + 2600), 7)
  t.equal(secondsLeftOf(scene.model, 'light1', scene.nowMs + 3100), null)
  t.equal(secondsLeftOf(scene.model, 'light2', scene.nowMs), null)
  t.equal(secondsLeftOf(both('red').model, 'light1', 0), null)
})

t.test('the figures of a light are one for each column', async (t) => {
  const scene = both('red').tell({ kind: 'plan', plan: planWith() })
  scene.tell({ kind: 'command', light: 'light1', command: commandFor(scene.nowMs + 100, 9000, 9500) })
  scene.pass(100, 'light2').report('light1', 'green', { delayMs: 0 })
  const figures = figuresOf(scene.model, 'light1', scene.nowMs)
  t.equal(figures.length, FIGURES.length)
  t.strictSame(figures.slice(0, 5), ['green', 'in step', '0.0 s ago', '3.1 ms', '4.2 ms'])
  t.match(figures[5], /^[012]\.\d ms$/)
  t.strictSame(figures[6], 'boot-1')
  t.equal(figuresOf(scene.model, 'nobody', 0).length, FIGURES.length)
})

t.test(
  'what is out of the ordinary is announced soon, what goes on as ever seldom, and the same never twice',
  async (t) => {
    const first = announce({ topic: '', atMs: Number.NEGATIVE_INFINITY }, { topic: 'a', text: '', isRoutine: true }, 0)
    t.strictSame(first, { topic: 'a', atMs: 0 })
    t.equal(announce(first, { topic: 'b', text: '', isRoutine: true }, 5000), first)
    t.equal(announce(first, { topic: 'b', text: '', isRoutine: false }, 500), first)
    t.strictSame(announce(first, { topic: 'b', text: '', isRoutine: false }, 2000), { topic: 'b', atMs: 2000 })
    t.strictSame(announce(first, { topic: 'b', text: '', isRoutine: true }, 15_000), { topic: 'b', atMs: 15_000 })
    t.equal(announce(first, { topic: 'a', text: '', isRoutine: false }, 60_000), first)
  },
)

t.test('a wish is confirmed by what the broker keeps and what lamps report, or not, in words', async (t) => {
  const outcome = (scene: PageScene, wish: Wish, afterMs: number) => {
    const askedMs = scene.nowMs - afterMs
    return outcomeOf(wish, { model: scene.model, askedMs, nowMs: scene.nowMs })
  }
  const hold: Wish = { kind: 'mode', mode: 'hold' }
  t.match(outcome(both('red'), hold, 100), { kind: 'waiting' })
  t.match(outcome(both('red'), hold, 4000), { kind: 'failed', words: /Nothing happened/ })
  const held = both('red').tell({ kind: 'mode', mode: 'hold' })
  t.match(outcome(held, hold, 4000), { kind: 'done', words: 'Mode hold: all lamps report red.' })
  t.match(outcome(held.report('light1', 'amber'), hold, 100), {
    kind: 'waiting',
    words: /waiting until all lamps report red/,
  })
  t.match(outcome(both('flashing-red').tell({ kind: 'mode', mode: 'flash' }), { kind: 'mode', mode: 'flash' }, 9), {
    kind: 'done',
  })
  const auto: Wish = { kind: 'mode', mode: 'auto' }
  t.match(outcome(both('red'), auto, 9), { kind: 'waiting' })
  t.match(outcome(both('red').report('light2', 'green'), auto, 9), { kind: 'done' })
  const tripped = both('red').tell({ kind: 'trip', trip: tripOf(true, '') })
  t.match(outcome(tripped, { kind: 'reset' }, 100), { kind: 'waiting' })
  t.match(outcome(tripped, { kind: 'reset' }, 3100), { kind: 'failed' })
  t.match(outcome(tripped.tell({ kind: 'trip', trip: tripOf(false, '') }), { kind: 'reset' }, 1), {
    kind: 'done',
  })
})

t.test('times and lists are said as people say them', async (t) => {
  t.equal(seconds(1540), '1.5 s')
  t.equal(seconds(-3), '0.0 s')
  t.equal(minutes(245_999), '4:05')
  t.strictSame([900, 12_900, 65_000].map(ago), ['just now', '12 s ago', '1:05 min ago'])
  t.equal(listed([]), '')
  t.equal(listed(['a', 'b', 'c']), 'a, b and c')
})
