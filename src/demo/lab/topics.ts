/** What the demo's supervisor and the page that holds its key tell each other; nobody else may. */
export const LAB_TOPICS = {
  /** From the supervisor, retained: all faults, and which of them last. */
  state: 'lab/state',
  /** From the supervisor: what was done, as it is done. */
  events: 'lab/events',
  /** To the supervisor: the id of a fault to make, or to undo. */
  make: 'lab/do',
  undo: 'lab/undo',
} as const
