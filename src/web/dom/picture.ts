/** The crossing from above: roads, stop lines, signal heads, and in the middle what holds for all of it. */
import { flashIsLit, lightTime } from '../../protocol/aspect.ts'
import type { CrossingModel } from '../model/crossing-model.ts'
import { type LightRecord, type Shown, shownBy } from '../model/light-record.ts'
import { type Arm, type Plan, planOf, REACH } from '../view/arms.ts'
import { secondsLeftOf } from '../view/countdown.ts'
import { middleOf } from '../view/middle.ts'
import { seconds } from '../view/words.ts'
import { setAttributes, setText, svg } from './elements.ts'
import { createSignalHead, type HeadState, type SignalHead } from './signal-head.ts'

export interface Picture {
  readonly element: SVGElement
  draw(model: CrossingModel, nowMs: number, isStill: boolean): void
}

/** A report may be this many heartbeats old before the picture says so. */
const HEARTBEATS_LATE = 3

/** Where no file tells the heartbeat, ms. */
const HEARTBEAT_MS = 500

interface DrawnLight {
  readonly head: SignalHead
  readonly lane: SVGElement
}

export function createPicture(): Picture {
  const roads = svg('g', { class: 'lanes' })
  const heads = svg('g')
  const title = svg('text', { class: 'middle-title', 'text-anchor': 'middle' })
  const subtitle = svg('text', { class: 'middle-subtitle', 'text-anchor': 'middle' })
  const middle = svg('g', { class: 'middle' }, svg('circle', { r: 66 }), title, subtitle)
  const element = svg(
    'svg',
    { class: 'picture', viewBox: `${-REACH} ${-REACH} ${2 * REACH} ${2 * REACH}`, 'aria-hidden': 'true' },
    roads,
    middle,
    heads,
  )
  let planned = ''
  let drawn: ReadonlyMap<string, DrawnLight> = new Map()

  const rebuild = (model: CrossingModel): void => {
    const names = [...model.lights.keys()]
    const arms = model.facts?.arms ?? new Map<string, number>()
    const next = JSON.stringify([names, [...arms]])
    if (next === planned) return
    planned = next
    const plan = planOf(names, arms)
    const lanes = new Map(plan.arms.map((arm) => [arm.light, createLane(arm, plan)]))
    drawn = new Map(
      plan.arms.map((arm) => [
        arm.light,
        { head: createSignalHead(arm.light, arm.head, plan.scale), lane: lanes.get(arm.light) ?? svg('g') },
      ]),
    )
    roads.replaceChildren(...drawRoads(plan), ...lanes.values())
    heads.replaceChildren(...[...drawn.values()].map(({ head }) => head.element))
  }

  return {
    element,
    draw(model, nowMs, isStill) {
      rebuild(model)
      for (const [name, { head, lane }] of drawn) {
        const light = model.lights.get(name)
        if (light === undefined) continue
        const state = headState({ model, name, light, nowMs, isStill })
        head.draw(state)
        setAttributes(lane, { class: `lane lane-${state.shown}` })
        setPhase(lane, state.shown === 'green' && !isStill ? arrowPhase(nowMs) : 0)
      }
      const { title: words, subtitle: more, look } = middleOf(model, nowMs)
      setText(title, words)
      setText(subtitle, more)
      setAttributes(title, { y: more === '' ? 9 : -5 })
      setAttributes(subtitle, { y: words === '' ? 9 : 26 })
      setAttributes(middle, { class: `middle middle-${look}` })
    },
  }
}

function headState(of: {
  readonly model: CrossingModel
  readonly name: string
  readonly light: LightRecord
  readonly nowMs: number
  readonly isStill: boolean
}): HeadState {
  const { model, name, light, nowMs, isStill } = of
  const shown = shownBy(light)
  const offsetMs = light.clock?.offsetMs ?? 0
  return {
    shown,
    lit: isStill || shown !== 'flashing-red' || flashIsLit(lightTime(nowMs - offsetMs)),
    secondsLeft: secondsLeftOf(model, name, nowMs),
    note: noteOf(model, light, shown, nowMs),
  }
}

function noteOf({ facts }: CrossingModel, { stampedMs }: LightRecord, shown: Shown, nowMs: number): string {
  if (stampedMs === null) return ''
  const ageMs = nowMs - stampedMs
  const isLate = ageMs > HEARTBEATS_LATE * (facts?.heartbeatMs ?? HEARTBEAT_MS)
  if (shown === 'unknown') return seconds(ageMs)
  return isLate ? `${seconds(ageMs)} ago` : ''
}

function drawRoads({ roads, halfWidth, middle }: Plan): readonly SVGElement[] {
  const far = REACH * FAR
  const inner = Math.hypot(halfWidth, middle)
  const strips = roads.map((degrees) =>
    svg('rect', {
      class: 'road',
      x: -halfWidth,
      y: -far,
      width: 2 * halfWidth,
      height: far,
      transform: `rotate(${degrees})`,
    }),
  )
  const dividers = roads.map((degrees) =>
    svg('line', { class: 'divider', y1: -middle - 28, y2: -far, transform: `rotate(${degrees})` }),
  )
  const junction = svg('circle', { class: 'road', r: Math.min(inner, middle * 1.25) })
  return [...strips, junction, ...dividers]
}

/** Roads go on beyond what every window shows of the picture. */
const FAR = 3

/** Of the arrows; style/crossing.css moves them by as much. */
const ARROW_GAP = 40

/** From one arrow to the place of the next, ms. */
const ARROW_MS = 1000
/** An animation would have the whole picture drawn anew for every frame. */
const ARROW_STEPS = 8

/** How far the arrows have come, from 0 to 1. */
const arrowPhase = (nowMs: number): number => (Math.floor((nowMs * ARROW_STEPS) / ARROW_MS) % ARROW_STEPS) / ARROW_STEPS

function setPhase({ style }: SVGElement, phase: number): void {
  if (style.getPropertyValue('--phase') !== `${phase}`) style.setProperty('--phase', `${phase}`)
}

/** The lane that leads in, with its stop line, and an arrow that moves while it has right of way. */
function createLane({ degrees }: Arm, { halfWidth, stopLine }: Plan): SVGElement {
  const centre = -halfWidth / 2
  const arrows = [0, 1, 2, 3].map((index) => {
    const y = -stopLine - 58 - index * ARROW_GAP
    return svg('path', { class: `arrow arrow-${index}`, d: `M ${centre - 14} ${y - 12} l 14 14 l 14 -14` })
  })
  return svg(
    'g',
    { transform: `rotate(${degrees})` },
    svg('rect', {
      class: 'lane-surface',
      x: -halfWidth,
      y: -REACH * FAR,
      width: halfWidth,
      height: REACH * FAR - stopLine,
    }),
    svg('rect', { class: 'stop-line', x: -halfWidth + 3, y: -stopLine - 9, width: halfWidth - 6, height: 9 }),
    ...arrows,
  )
}
