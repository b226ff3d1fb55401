/** `--display auto`: the first display that this machine has. */
import fs from 'node:fs'
import { reasonOf } from '../../platform/errors.ts'
import { isEmulatorRunning } from './emulator.ts'
import { findFramebuffer } from './framebuffer.ts'
import { NO_HAT, noRight } from './sense-hat.ts'

export interface DisplayFacts {
  /** The HAT's device; null where there is none. */
  readonly framebuffer: string | null
  readonly isWritable: boolean
  readonly isEmulatorRunning: boolean
}

export interface ChosenDisplay {
  readonly display: 'sense-hat' | 'emulator' | 'terminal'
  /** Why not those before it, by name. */
  readonly whyNot: Readonly<Record<string, string>>
}

/** What the machine has of displays. */
export function displayFacts(): DisplayFacts {
  const path = findFramebuffer()?.path ?? null
  return { framebuffer: path, isWritable: path !== null && mayWrite(path), isEmulatorRunning: isEmulatorRunning() }
}

/** The first of a Sense HAT, the emulator whose window is open, and the terminal, which is always there. */
export function chooseDisplay({ framebuffer, isWritable, isEmulatorRunning }: DisplayFacts): ChosenDisplay {
  if (framebuffer !== null && isWritable) return { display: 'sense-hat', whyNot: {} }
  const noHat = { 'sense-hat': framebuffer === null ? NO_HAT : reasonOf(noRight(framebuffer)) }
  if (isEmulatorRunning) return { display: 'emulator', whyNot: noHat }
  return { display: 'terminal', whyNot: { ...noHat, emulator: NO_EMULATOR } }
}

const NO_EMULATOR = 'the Sense HAT Emulator does not run: open its window first (sense_emu_gui)'

function mayWrite(path: string): boolean {
  try {
    fs.accessSync(path, fs.constants.W_OK)
    return true
  } catch {
    return false
  }
}
