/** What this machine has to show a light on. */
import fs from 'node:fs'
import { emulatorFolder, isEmulatorRunning, screenFile } from '../clients/display/emulator.ts'
import { findFramebuffer, identify } from '../clients/display/framebuffer.ts'
import { libraryFault, loadLibrary } from '../clients/display/sense-hat-library.ts'
import { groupOf, isCommand, isInGroup, userName } from '../platform/machine-facts.ts'
import type { EmulatorFacts, HatFacts } from './display-checks.ts'

export async function hatFacts(): Promise<HatFacts> {
  const framebuffer = findFramebuffer()
  const user = userName()
  const library = faultOf(loadLibrary)
  const facts = { user, libraryFault: library === null ? null : libraryFault(library) }
  const stats = framebuffer === null ? undefined : fs.statSync(framebuffer.path, { throwIfNoEntry: false })
  if (framebuffer === null || stats === undefined) {
    const device = framebuffer?.path ?? null
    const deviceFault = framebuffer === null ? null : faultOf(() => identify(framebuffer))
    return { ...facts, device, deviceFault, isWritable: false, group: null, isInGroup: false, isListedInGroup: false }
  }
  const { name, members } = await groupOf(stats.gid)
  return {
    ...facts,
    device: framebuffer.path,
    deviceFault: faultOf(() => identify(framebuffer)),
    isWritable: isWritable(framebuffer.path),
    group: name,
    isInGroup: isInGroup(stats.gid),
    isListedInGroup: members.includes(user),
  }
}

export async function emulatorFacts(): Promise<EmulatorFacts> {
  const screen = screenFile()
  // Where there is no screen yet it is made, in a folder that everybody may write to.
  const target = fs.existsSync(screen) ? screen : emulatorFolder()
  return {
    isInstalled: await isCommand('sense_emu_gui'),
    isRunning: isEmulatorRunning(),
    screen,
    screenFault: faultOf(() => fs.accessSync(target, fs.constants.W_OK)),
  }
}

const isWritable = (path: string): boolean => faultOf(() => fs.accessSync(path, fs.constants.W_OK)) === null

/** What was thrown, or null. */
function faultOf(task: () => unknown): unknown {
  try {
    task()
    return null
  } catch (error) {
    return error
  }
}
