/** The wills of clients that were connected when the run before was killed: published, where nobody comes back. */
import type { Clock } from '../platform/clock.ts'
import type { Logger } from '../platform/log.ts'
import type { Access } from './access.ts'
import type { Persistence } from './persistence/persistence.ts'
import type { KeptWill } from './persistence/records.ts'

/** How long they have to come back, ms: longer than any client of this project waits between two attempts. */
const RETURN_MS_MAX = 30_000

interface Dependencies {
  readonly persistence: Persistence
  readonly access: Access
  readonly logger: Logger
  readonly clock: Clock
  readonly publish: (will: KeptWill) => void
}

/** Returns what cancels it. */
export function awaitReturn({ persistence, access, logger, clock, publish }: Dependencies): () => void {
  return clock.after(RETURN_MS_MAX, () => {
    for (const will of persistence.takeOrphanedWills()) {
      const { id, user, message } = will
      if (!access.mayLeave(user, message.topic)) continue
      logger.info({ client: id.slice(0, 120), user, topic: message.topic }, 'will_published')
      publish(will)
    }
  })
}
