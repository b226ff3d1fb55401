import { CrossingError, reasonOf, systemCode } from '../../platform/errors.ts'
import type { OnFault } from './display.ts'

/** Lets the first fault of each kind through, until what failed works again. */
export interface Faults {
  raise(error: unknown): void
  /** What failed works again. */
  over(): void
}

/** Faults are of one kind where they have the same system code (`EPIPE`), or else the same message, as our own have. */
export function oncePerKind(onFault: OnFault): Faults {
  const raised = new Set<string>()
  return {
    raise(error) {
      const kind = (error instanceof CrossingError ? undefined : systemCode(error)) ?? reasonOf(error)
      if (raised.has(kind)) return
      raised.add(kind)
      onFault(error)
    },
    over: () => raised.clear(),
  }
}
