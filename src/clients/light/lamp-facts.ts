/** What a lamp does of its own, for the log. */
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/log.ts'
import { tally } from '../../platform/tally.ts'
import type { LampEffect } from './lamp.ts'

export type LampFact =
  | Exclude<LampEffect, { kind: 'show' | 'report' }>
  /** Its display failed, and why was told by it; or works again. */
  | { readonly kind: 'display'; readonly works: boolean }

/** Logs what lamp `light` does; commands that it drops may be many, and are counted. */
export function lampFacts(
  light: string,
  clock: Clock,
  logger: Pick<Logger, 'info' | 'warn'>,
): (fact: LampFact) => void {
  const dropped = tally(clock, (fields, event) => logger.info(fields, event))
  return (fact) => {
    switch (fact.kind) {
      case 'new-boot':
        return logger.warn({ light, boot: fact.boot, reason: fact.reason }, 'lamp_began_anew')
      case 'display':
        return fact.works ? logger.info({ light }, 'display_works_again') : undefined
      case 'dropped': {
        const { boot, run, n } = fact.command
        return dropped(fact.reason, { light, reason: fact.reason, boot, run, n }, 'command_dropped')
      }
      default:
        return fact satisfies never
    }
  }
}
