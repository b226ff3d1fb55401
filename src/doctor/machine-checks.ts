/** Checks of the machine itself, each from facts about it. Pure. */
import { type Finding, ok, skipped, wrong } from './finding.ts'

/** Source: `engines` of package.json. */
const NODE_MAJOR_MIN = 20

export function checkNode(version: string): Finding {
  if (Number(version.split('.')[0]) >= NODE_MAJOR_MIN) return ok(version)
  return wrong(
    `${version}, and ${NODE_MAJOR_MIN} or newer is needed`,
    'nvm install --lts (https://github.com/nvm-sh/nvm), or a newer package from https://nodejs.org',
  )
}

/** A lamp begins anew when its clocks move apart by more than this, ms. Source: `lateMs` of the protocol. */
const CLOCK_STEP_MS = 200

export interface ClockFacts {
  /** How far wall clock and monotonic clock moved apart while this command ran, ms. */
  readonly movedMs: number
  /** Whether the machine says that its wall clock is set from the network; null where it says nothing. */
  readonly isSynchronized: boolean | null
}

export function checkClockSteps({ movedMs, isSynchronized }: ClockFacts): Finding {
  if (Math.abs(movedMs) > CLOCK_STEP_MS) {
    const detail = `the wall clock was stepped by ${Math.round(movedMs)} ms while this ran; each step turns lights red`
    return wrong(detail, 'timedatectl (look whether two services set the clock), then run this again')
  }
  if (isSynchronized === false) {
    const detail = 'the wall clock is not set from the network yet, and will be stepped when it is'
    return wrong(detail, 'sudo timedatectl set-ntp true, then wait until timedatectl says that it is synchronized')
  }
  return ok(isSynchronized === true ? 'set from the network, and steady' : 'steady')
}

/** The protocol assumes clocks that are slewed by no more than this, ppm. Source: rho in docs/protocol.md. */
const SLEW_PPM_MAX = 500
/** Where nothing else is written. Source: chrony.conf(5), maxslewrate. */
const CHRONY_SLEW_PPM = 83_333.333

/** `configuration`: all of chrony's files, one after the other; null where chrony does not run. */
export function checkSlewRate(configuration: string | null): Finding {
  if (configuration === null) return skipped('chrony does not run here')
  const given = [...configuration.matchAll(/^\s*maxslewrate\s+(\S+)/gim)].at(-1)?.[1]
  const ppm = given === undefined ? CHRONY_SLEW_PPM : Number(given)
  if (ppm <= SLEW_PPM_MAX) return ok(`chrony's maxslewrate is ${ppm} ppm`)
  return wrong(
    `chrony may run the clock fast or slow by ${Math.round(ppm)} ppm, and lights stand ${SLEW_PPM_MAX}`,
    `echo 'maxslewrate ${SLEW_PPM_MAX}' | sudo tee /etc/chrony/conf.d/crossing.conf && sudo systemctl restart chrony`,
  )
}

/** A lamp that is silent for 120 ms is taken for dead: what it waits for longer than this will be, ms. */
const LOOP_DELAY_MS_MAX = 80

export function checkLoopDelay(delayMs: number): Finding {
  const text = `a timer came ${delayMs.toFixed(0)} ms late at most in a second`
  if (delayMs <= LOOP_DELAY_MS_MAX) return ok(text)
  return wrong(
    `${text}: the machine is too busy for a lamp`,
    'top (end what takes the processor, or use a faster machine)',
  )
}

/** What logs and files of some days need, bytes. */
const FREE_BYTES_MIN = 100 * 1024 * 1024

export function checkDisk({ folder, freeBytes }: { readonly folder: string; readonly freeBytes: number }): Finding {
  const text = `${Math.floor(freeBytes / 1024 / 1024)} MB free in ${folder}`
  return freeBytes >= FREE_BYTES_MIN ? ok(text) : wrong(text, 'sudo apt clean && sudo journalctl --vacuum-size=100M')
}
