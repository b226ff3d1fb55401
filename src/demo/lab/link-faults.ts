/** Faults of the network between one light and the broker. */
import type { Fault } from './fault.ts'
import type { FaultyLink } from './link.ts'

/** Longer than `staleMs` of every set of constants as shipped, with both ways together, ms. */
const DELAY_MS = 2000

const LOSS_SHARE = 0.5

export function linkFaults(light: string, link: Pick<FaultyLink, 'cut' | 'join' | 'delay' | 'lose'>): Fault[] {
  const fault = (id: string, label: string, undo: string, start: () => void, end: () => void): Fault => ({
    id: `${id}-${light}`,
    label,
    group: light,
    undo,
    lastsMs: null,
    async make() {
      start()
      return end
    },
  })
  return [
    fault(
      'cut-link',
      `cut the connection of ${light}`,
      `join the connection of ${light}`,
      () => link.cut(),
      () => link.join(),
    ),
    fault(
      'delay-link',
      `delay the messages of ${light} by ${DELAY_MS / 1000} s each way`,
      `carry the messages of ${light} at once`,
      () => link.delay(DELAY_MS),
      () => link.delay(0),
    ),
    fault(
      'lose-link',
      `lose half of the messages of ${light}`,
      `carry all messages of ${light}`,
      () => link.lose(LOSS_SHARE),
      () => link.lose(0),
    ),
  ]
}
