/** Checks of what a light is seen on, each from facts about it. Pure. */
import { NO_HAT } from '../clients/display/sense-hat.ts'
import { reasonOf } from '../platform/errors.ts'
import { type Finding, ok, skipped, wrong } from './finding.ts'

export interface HatFacts {
  /** The HAT's device; null where there is none. */
  readonly device: string | null
  /** What keeps the device from being the HAT's, as a plain file in its place would. */
  readonly deviceFault: unknown
  readonly isWritable: boolean
  /** The name or number of the group that may write to it; null where the device is not there. */
  readonly group: string | null
  readonly user: string
  /** Whether this process is in that group, or root. */
  readonly isInGroup: boolean
  /** Whether the user is, from the next log-in on. */
  readonly isListedInGroup: boolean
  /** What keeps the library from being used; null: nothing. */
  readonly libraryFault: Error | null
}

/** `display` is what the light is started with: only `sense-hat` insists on one. */
export function checkHat({ device, deviceFault, group }: HatFacts, display: string): Finding {
  if (device === null) {
    const [what = '', ...rest] = NO_HAT.split(': ')
    return display === 'sense-hat' ? wrong(what, rest.join(': ')) : skipped('there is none here')
  }
  if (deviceFault === null) return ok(device)
  if (group === null) return wrong(reasonOf(deviceFault), 'sudo reboot')
  return wrong(reasonOf(deviceFault), `sudo rm ${device}, then restart the machine`)
}

export function checkRights(facts: HatFacts): Finding {
  const { device, isWritable, user, group } = facts
  if (device === null || group === null) return skipped('without a HAT there is nothing to write to')
  if (isWritable) return ok(`${user} may write to ${device}`)
  return wrong(`${user} may not write to ${device}`, rightsFix(facts, group))
}

/** A group that cannot write is no help to its members, and nobody should have to be in root's. */
function rightsFix({ device, user, isInGroup }: HatFacts, group: string): string {
  const join = (name: string): string => `sudo usermod -aG ${name} ${user}, then log in again`
  if (group === 'root') return `sudo chgrp video ${device} && sudo chmod g+rw ${device} && ${join('video')}`
  return isInGroup ? `sudo chmod g+rw ${device}` : join(group)
}

export function checkGroup(facts: HatFacts): Finding {
  const { device, isInGroup, isListedInGroup, user, group } = facts
  if (device === null || group === null) return skipped('without a HAT no group is needed')
  if (isInGroup) return ok(`${user} is in the group ${group}`)
  if (isListedInGroup) {
    return wrong(
      `${user} is in the group ${group}, but was not when this session began`,
      'log out and in again, or restart',
    )
  }
  return wrong(`${user} is not in the group ${group}`, rightsFix(facts, group))
}

export function checkLibrary({ device, libraryFault }: HatFacts, display: string): Finding {
  if (libraryFault === null) return ok('sense-hat-led can be used')
  if (device === null && display !== 'sense-hat') return skipped('without a HAT it is not needed')
  const [what = '', ...fix] = libraryFault.message.split(': ')
  return wrong(`${what}; a HAT is written to directly meanwhile`, fix.join(': '))
}

export interface EmulatorFacts {
  readonly isInstalled: boolean
  readonly isRunning: boolean
  readonly screen: string
  /** What keeps its screen from being written to; null: nothing. */
  readonly screenFault: unknown
}

export function checkEmulator(
  { isInstalled, isRunning, screen, screenFault }: EmulatorFacts,
  display: string,
): Finding {
  const isAsked = display === 'emulator'
  if (!isRunning && !isAsked) return skipped('its window is not open')
  if (screenFault !== null) {
    return wrong(`${screen} cannot be written to: ${reasonOf(screenFault)}`, `sudo chown "$USER" ${screen}`)
  }
  if (isRunning) return ok('its window is open')
  if (isInstalled) return wrong('its window is not open', 'sense_emu_gui &')
  return wrong('it is not installed', 'sudo apt install sense-emu-tools && sense_emu_gui &')
}
