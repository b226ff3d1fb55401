import type { Display } from './display.ts'

/** `--display none`: a light that only reports. */
export const openNone = (): Display => ({ kind: 'none', show() {}, close() {} })
