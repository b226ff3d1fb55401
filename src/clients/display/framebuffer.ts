/** The framebuffer of a Sense HAT: where it is, whether it is still there, and how its bytes are written. */
import fs from 'node:fs'
import { join } from 'node:path'
import { failure, systemCode } from '../../platform/errors.ts'

/** Its name in `/sys/class/graphics/fb<n>/name`; the number depends on the Pi and on its screens. */
const NAME = 'RPi-Sense FB'

export interface Framebuffer {
  /** `/dev/fb<n>` */
  readonly path: string
  /** Where the kernel lists it. */
  readonly listing: string
}

/** The folders that are looked in; others than the machine's are for tests. */
export interface FramebufferPlaces {
  readonly graphics: string
  readonly devices: string
}

export const FRAMEBUFFER_PLACES: FramebufferPlaces = { graphics: '/sys/class/graphics', devices: '/dev' }

/** The HAT's framebuffer as the kernel lists it, or null. */
export function findFramebuffer({ graphics, devices }: FramebufferPlaces = FRAMEBUFFER_PLACES): Framebuffer | null {
  const numbered = namesIn(graphics).filter((name) => /^fb\d+$/.test(name))
  const found = numbered.find((name) => textOf(join(graphics, name, 'name')) === NAME)
  return found === undefined ? null : { path: join(devices, found), listing: join(graphics, found) }
}

/** What no later file of that name is. */
export interface Identity {
  readonly device: number
  readonly inode: number
  readonly mode: number
}

/**
 * Who the framebuffer's device is, which must be there before anything is written: a writer with all rights would
 * otherwise create a plain file in its place, and take it for the HAT. Throws failure.
 */
export function identify({ path, listing }: Framebuffer): Identity {
  if (textOf(join(listing, 'name')) !== NAME) throw gone(path)
  let stats: fs.Stats
  try {
    stats = fs.statSync(path)
  } catch (error) {
    throw systemCode(error) === 'ENOENT' ? gone(path) : error
  }
  const number = textOf(join(listing, 'dev'))
  if (number !== null && (!stats.isCharacterDevice() || number !== deviceNumber(stats.rdev))) {
    throw failure(
      `${path} is not the Sense HAT's device, which has the number ${number}: remove it (rm ${path}), restart`,
    )
  }
  return { device: stats.dev, inode: stats.ino, mode: stats.mode }
}

/**
 * Calls `write`, and makes sure that it met the device that was there before it: where that vanished in between, a
 * plain file may stand in its place, which is taken away. Throws failure where the HAT is gone.
 */
export function writeChecked(framebuffer: Framebuffer, write: () => void): void {
  const { path } = framebuffer
  const before = identify(framebuffer)
  write()
  const after = fs.statSync(path, { throwIfNoEntry: false })
  if (after?.ino === before.inode && after.dev === before.device && after.mode === before.mode) return
  if (after?.isFile() === true) fs.rmSync(path, { force: true })
  throw gone(path)
}

/** Writes a frame's bytes, creating nothing. */
export function writeBytes({ path }: Framebuffer, bytes: Buffer): void {
  const fd = fs.openSync(path, fs.constants.O_WRONLY)
  try {
    const written = fs.writeSync(fd, bytes, 0, bytes.length, 0)
    if (written < bytes.length) throw failure(`${path} took ${written} bytes of ${bytes.length}`)
  } finally {
    fs.closeSync(fd)
  }
}

/** The fault of a HAT that was there before. */
export const gone = (path: string): Error =>
  failure(`the Sense HAT is gone (${path}): push it on firmly; it is looked for until it is there`)

function namesIn(folder: string): readonly string[] {
  try {
    return fs.readdirSync(folder)
  } catch {
    return []
  }
}

function textOf(file: string): string | null {
  try {
    return fs.readFileSync(file, 'utf8').trim()
  } catch {
    return null
  }
}

/** As sysfs writes it, `major:minor`. Source: makedev(3) of glibc. */
const deviceNumber = (rdev: number): string => `${(rdev >>> 8) & 0xfff}:${(rdev & 0xff) | ((rdev >>> 12) & 0xfff00)}`
