/** Where the times of a crossing are not those of roads. Nothing here is unsafe by the protocol: people would be misled. */
import type { Crossing } from './crossing.ts'

/** Yellow change interval and the longest red clearance interval, s. Source: MUTCD 2009, 4D.26; 2023, 4F.17. */
const MUTCD = { yellowMin: 3, yellowMax: 6, redClearanceMax: 6 }

/** Amber and red with amber, s; the amber of Germany is that of 50 km/h. Source: Traffic Signs Manual, chapter 6; RiLSA. */
const UK = { amber: 3, redAmber: 2 }
const GERMANY = { amber: 3, redAmber: 1 }

/**
 * A warning in words for each time of `crossing` that is outside practice: that of the UK and Germany where red and
 * amber come before green, else that of the US.
 */
export function practiceWarnings({ constants, file }: Crossing): string[] {
  const amber = constants.amberMs / 1000
  const redAmber = constants.redAmberMs / 1000
  const allRed = constants.allRedMs / 1000
  const warnings = redAmber > 0 ? redAmberPractice(amber, redAmber) : mutcdPractice(amber, allRed)
  if (file.constants === 'demo')
    warnings.push('constants is "demo": they are for a desk, not for traffic; use "default"')
  return warnings
}

function mutcdPractice(amber: number, allRed: number): string[] {
  const { yellowMin, yellowMax, redClearanceMax } = MUTCD
  const warnings: string[] = []
  if (amber < yellowMin || amber > yellowMax) {
    warnings.push(
      `amberSeconds is ${amber}: MUTCD gives yellow ${yellowMin} to ${yellowMax} s (no red and amber, as in the US)`,
    )
  }
  if (allRed > redClearanceMax) {
    warnings.push(`allRedSeconds is ${allRed}: MUTCD gives red clearance up to ${redClearanceMax} s`)
  }
  return warnings
}

function redAmberPractice(amber: number, redAmber: number): string[] {
  const warnings: string[] = []
  if (redAmber !== UK.redAmber && redAmber !== GERMANY.redAmber) {
    warnings.push(
      `redAmberSeconds is ${redAmber}: the UK shows red and amber for ${UK.redAmber} s, Germany for ${GERMANY.redAmber} s`,
    )
  }
  if (amber !== UK.amber) {
    warnings.push(`amberSeconds is ${amber}: the UK shows amber for ${UK.amber} s, as Germany does at 50 km/h`)
  }
  return warnings
}
