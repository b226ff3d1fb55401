/** How long to wait before another attempt to connect. */
import { type Random, unitInterval } from '../../platform/random.ts'

/** The first wait and the longest after attempts that did not reach the broker, ms. */
const FIRST_MS = 200
const LONGEST_MS = 1000

/** After a refusal, ms: only a person can change it, and a broker should not be pestered with wrong passwords. */
const REFUSED_MS = 5000

/** The wait before attempt `attempt` (0 is the first after a connection), ms; jittered by up to a half, to spread a fleet. */
export function backoffMs(random: Random, attempt: number, refused: boolean): number {
  const fullMs = refused ? REFUSED_MS : Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt + 1, 10))
  return refused ? fullMs * (1 + 0.2 * unitInterval(random)) : fullMs * (0.5 + 0.5 * unitInterval(random))
}
