/** What a lamp does of its own, as a line of the log. */
import type { LampEffect } from './lamp.ts'

export type LampFact = Exclude<LampEffect, { kind: 'show' | 'report' }>

export interface FactLine {
  readonly level: 'info' | 'warn'
  readonly fields: object
  readonly event: string
}

export function factLine(light: string, fact: LampFact): FactLine {
  switch (fact.kind) {
    case 'new-boot':
      return { level: 'warn', fields: { light, boot: fact.boot, reason: fact.reason }, event: 'lamp began anew' }
    case 'dropped': {
      const { boot, run, n } = fact.command
      return { level: 'info', fields: { light, reason: fact.reason, boot, run, n }, event: 'command dropped' }
    }
    default:
      return fact satisfies never
  }
}
