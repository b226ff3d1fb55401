/** A green that nobody granted, as good as it can be made by somebody who hears everything. Pure. */
import { lightTime } from '../../protocol/aspect.ts'
import type { Constants } from '../../protocol/constants.ts'
import type { Command } from '../../protocol/wire.ts'
import type { HeardReport } from './traffic.ts'

/**
 * A command that the lamp takes if it is red, and believes its sender: it names the lamp's boot, a run that is newer,
 * and a green that begins at once and is within the horizon.
 */
export function forgeGreen(
  { report, atMs }: HeardReport,
  { horizonMs, amberMs }: Pick<Constants, 'horizonMs' | 'amberMs'>,
  nowMs: number,
): Command {
  const now = report.now + (nowMs - atMs)
  // Half of the horizon leaves room for what is not known of the lamp's clock.
  const red = now + Math.max(amberMs, horizonMs / 2)
  const green = { from: lightTime(now), until: lightTime(red - amberMs), red: lightTime(red) }
  return { boot: report.boot, run: report.run + 1, n: 1, green }
}
