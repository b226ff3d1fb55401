/** A table of figures, one row per light, for who opens it. */
import type { CrossingModel } from '../model/crossing-model.ts'
import { FIGURES, figuresOf } from '../view/figures.ts'
import { html, setText } from './elements.ts'

export interface FiguresTable {
  readonly element: HTMLElement
  draw(model: CrossingModel, nowMs: number): void
}

export function createFigures(): FiguresTable {
  const body = html('tbody')
  const head = ['light', ...FIGURES].map((name) => html('th', { scope: 'col' }, name))
  const table = html('table', {}, html('thead', {}, html('tr', {}, ...head)), body)
  const scroller = html('div', { class: 'scroller', tabindex: 0, role: 'region', 'aria-label': 'Figures' }, table)
  const element = html('details', { class: 'card' }, html('summary', {}, 'Figures of each light'), scroller)
  let rows: ReadonlyMap<string, readonly HTMLElement[]> = new Map()

  const rebuild = (names: readonly string[]): void => {
    rows = new Map(names.map((name) => [name, FIGURES.map(() => html('td'))]))
    const lines = [...rows].map(([name, cells]) => html('tr', {}, html('th', { scope: 'row' }, name), ...cells))
    body.replaceChildren(...lines)
  }

  return {
    element,
    draw(model, nowMs) {
      if (!element.open) return
      const names = [...model.lights.keys()]
      if (names.length !== rows.size || names.some((name) => !rows.has(name))) rebuild(names)
      for (const [name, cells] of rows) {
        const figures = figuresOf(model, name, nowMs)
        for (const [index, cell] of cells.entries()) setText(cell, figures[index] ?? '')
      }
    },
  }
}
