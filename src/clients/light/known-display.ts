import type { Logger } from '../../platform/log.ts'
import { chooseDisplay, displayFacts } from '../display/choose.ts'

/** The name of a display for the first one that this machine has. */
export const AUTO = 'auto'

/** The display that `name` asks for; of `auto` the log says which, and why not the others. */
export function knownDisplay(name: string, light: string, logger: Logger): string {
  if (name !== AUTO) return name
  const { display, whyNot } = chooseDisplay(displayFacts())
  logger.info({ light, display, whyNot }, 'display_chosen')
  return display
}
