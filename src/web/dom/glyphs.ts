/** How events are marked, told apart without colour. */
import type { Mark } from '../model/mark.ts'

export const GLYPHS: Readonly<Record<Mark['kind'], string>> = {
  stop: '■',
  start: '▶',
  restart: '↻',
  trip: '⚡',
  reset: '✓',
  mode: '⚑',
  refused: '⊘',
  link: '⇄',
  lab: '✸',
  conflict: '✖',
}
