/** A signal head with its 8x8 panel, its name and what it says, as its lamp reported it. */
import { frameOf, PANEL_SIDE, type Rgb } from '../../clients/display/frame.ts'
import type { Shown } from '../model/light-record.ts'
import { HEAD, type Point } from '../view/arms.ts'
import { ASPECT_WORDS } from '../view/words.ts'
import { setAttributes, setText, svg } from './elements.ts'

export interface HeadState {
  readonly shown: Shown
  /** False in the dark half of flashing red alone. */
  readonly lit: boolean
  /** To its next change, whole seconds; null where unknown. */
  readonly secondsLeft: number | null
  /** What else is to be said of it: `2.1 s ago`. */
  readonly note: string
}

export interface SignalHead {
  readonly element: SVGElement
  draw(state: HeadState): void
}

const PIXEL = 10
const PANEL_X = -2
const TOP = -HEAD.height / 2
const LENSES = ['red', 'amber', 'green'] as const

export function createSignalHead(light: string, { x, y }: Point, scale: number): SignalHead {
  const lenses = LENSES.map((colour, index) =>
    svg('circle', { class: `lens lens-${colour}`, cx: -48, cy: TOP + 25 + index * 40, r: 16 }),
  )
  const housing = svg('rect', { class: 'housing', x: -72, y: TOP, width: 48, height: 130, rx: 14 })
  const question = svg('text', { class: 'question', x: -48, y: TOP + 84, 'text-anchor': 'middle' }, '?')
  const panel = createPanel()
  const name = svg('text', { class: 'head-name', x: 0, y: TOP + 156, 'text-anchor': 'middle' }, light)
  const words = svg('text', { class: 'head-words', x: 0, y: TOP + 180, 'text-anchor': 'middle' })
  const left = svg('text', {
    class: 'head-seconds',
    x: PANEL_X + (PIXEL * PANEL_SIDE) / 2,
    y: TOP + 122,
    'text-anchor': 'middle',
  })
  const back = svg('rect', {
    class: 'head-back',
    x: -HEAD.width / 2,
    y: TOP - 8,
    width: HEAD.width,
    height: HEAD.height + 10,
    rx: 16,
  })
  const element = svg(
    'g',
    { transform: `translate(${x.toFixed(1)} ${y.toFixed(1)}) scale(${scale.toFixed(3)})` },
    back,
    housing,
    ...lenses,
    question,
    panel.element,
    left,
    name,
    words,
  )
  return {
    element,
    draw({ shown, lit, secondsLeft, note }) {
      setAttributes(element, { class: `head head-${shown}${lit ? '' : ' is-dark'}` })
      panel.draw(shown, lit)
      setText(left, secondsLeft === null || shown === 'unknown' ? '' : `${secondsLeft} s`)
      setText(words, note === '' ? ASPECT_WORDS[shown] : `${ASPECT_WORDS[shown]}, ${note}`)
    },
  }
}

/** The panel as the Sense HAT shows it, one path for all pixels of a colour; empty frames where nobody knows. */
function createPanel() {
  const element = svg('g', { class: 'panel' })
  let drawn: readonly (Rgb | undefined)[] = []
  return {
    element,
    draw(shown: Shown, lit: boolean): void {
      const next = shown === 'unknown' ? NO_PIXELS : frameOf(shown, lit).pixels
      if (next === drawn) return
      drawn = next
      const paths = new Map<string, string>()
      for (const [index, fill] of next.map(fillOf).entries())
        paths.set(fill, (paths.get(fill) ?? '') + squareAt(index % PANEL_SIDE, Math.floor(index / PANEL_SIDE)))
      element.replaceChildren(...[...paths].map(([fill, d]) => svg('path', { fill, d })))
    },
  }
}

const NO_PIXELS: readonly undefined[] = Array.from({ length: PANEL_SIDE * PANEL_SIDE }, () => undefined)

const squareAt = (column: number, row: number): string =>
  `M${PANEL_X + column * PIXEL} ${TOP + 8 + row * PIXEL}h${PIXEL - 2}v${PIXEL - 2}h${2 - PIXEL}z`

function fillOf(rgb: Rgb | undefined): string {
  if (rgb === undefined) return 'none'
  return rgb.some((channel) => channel > 0) ? `rgb(${rgb.join(' ')})` : '#1d232d'
}
