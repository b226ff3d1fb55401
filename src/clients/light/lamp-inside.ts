/** A lamp in the process of its light: for tests, and for programs that bring their own display. It has no dead-man. */
import type { Clock } from '../../platform/clock.ts'
import type { Logger } from '../../platform/log.ts'
import { type Display, ENDLESS } from '../display/display.ts'
import { frameOf } from '../display/frame.ts'
import type { LampSettings } from './lamp.ts'
import { type LampFact, lampFacts } from './lamp-facts.ts'
import type { LampPort } from './lamp-port.ts'
import { type RunningLamp, runLamp } from './lamp-runner.ts'

export interface InsideLampOptions {
  readonly light: string
  readonly settings: LampSettings
  readonly clock: Clock
  readonly display: Display
  readonly logger: Logger
}

/** The lamp starts when somebody listens. */
export function lampInside({ light, settings, clock, display, logger }: InsideLampOptions): LampPort {
  let lamp: RunningLamp | null = null
  return {
    listen(listener) {
      const log = lampFacts(light, clock, logger)
      const onFact = (fact: LampFact): void => {
        log(fact)
        if (fact.kind === 'display') listener.display(fact.works)
      }
      lamp = runLamp({ settings, clock, display, onReport: (report) => listener.report(report), onFact })
      listener.holds()
    },
    command: (command) => lamp?.command(command),
    trip: (tripped) => lamp?.trip(tripped),
    hint: (redEndsAtMs) => lamp?.hint(redEndsAtMs),
    note: (notes) => lamp?.note(notes),
    async stop() {
      await lamp?.untilRed()
      lamp?.close()
    },
    async kill() {
      lamp?.close()
      display.show(frameOf('red', true), ENDLESS)
    },
  }
}
