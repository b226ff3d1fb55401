/**
 * `--display emulator`: the screen file of the official Sense HAT Emulator, whose window shows what stands in it. The
 * window maps the file into its memory: it is never made shorter, and never replaced.
 */
import fs from 'node:fs'
import { join } from 'node:path'
import { failure, reasonOf, systemCode } from '../../platform/errors.ts'
import type { Display } from './display.ts'
import { openPanel, type PanelDevice, type PanelOptions } from './panel.ts'
import { FRAME_BYTES, rgb565 } from './rgb565.ts'

export interface EmulatorOptions extends PanelOptions {
  /** Where the emulator keeps its files. Default: `emulatorFolder()`. */
  readonly folder?: string
}

export const openEmulator = (options: EmulatorOptions): Display =>
  openPanel(emulatorDevice(options.folder ?? emulatorFolder()), options)

/** Source: sense_emu, screen_filename() in screen.py. */
export const emulatorFolder = (): string => (fs.existsSync('/dev/shm') ? '/dev/shm' : '/tmp')

export const screenFile = (folder: string = emulatorFolder()): string => join(folder, 'rpi-sense-emu-screen')

/** Whether the emulator's window is open: its process is named in a file, and runs. */
export function isEmulatorRunning(folder: string = emulatorFolder()): boolean {
  try {
    const pid = fs.readFileSync(join(folder, 'rpi-sense-emu-pid'), 'utf8').trim()
    return /^\d+$/.test(pid) && fs.existsSync(`/proc/${pid}`)
  } catch {
    return false
  }
}

/** What each of 32 levels of a colour looks like; follows the pixels in the file. Source: sense_emu, DEFAULT_GAMMA. */
const GAMMA = Buffer.from([
  0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 17, 18, 20, 21, 23, 25, 27, 29, 31,
])

function emulatorDevice(folder: string): PanelDevice {
  const path = screenFile(folder)
  let written: Buffer | null = null

  /** Each time anew: the file may have been removed with the last window, and made again by the next. */
  const withScreen = (task: (fd: number) => void): void => {
    try {
      const fd = openScreenFile(path)
      try {
        task(fd)
      } finally {
        fs.closeSync(fd)
      }
    } catch (error) {
      throw inWords(error, path)
    }
  }
  const put = (fd: number, bytes: Buffer): void => {
    fs.writeSync(fd, bytes, 0, bytes.length, 0)
    written = bytes
  }
  return {
    kind: 'emulator',
    write: (pixels) => withScreen((fd) => put(fd, rgb565(pixels))),
    // A window that opens begins with a black screen of its own.
    check: () =>
      withScreen((fd) => {
        const found = Buffer.alloc(FRAME_BYTES)
        fs.readSync(fd, found, 0, FRAME_BYTES, 0)
        if (written !== null && !found.equals(written)) put(fd, written)
      }),
  }
}

/** Opens the file as it is, or makes one that has everything. */
function openScreenFile(path: string): number {
  try {
    const fd = fs.openSync(path, AS_IT_IS)
    giveGamma(fd)
    return fd
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
  }
  const fd = fs.openSync(path, 'wx+')
  // The window may belong to another user than this process.
  fs.fchmodSync(fd, 0o666)
  fs.writeSync(fd, Buffer.concat([Buffer.alloc(FRAME_BYTES), GAMMA]))
  return fd
}

/** In a folder that everybody may write to, a link could lead to any file of this user. */
const AS_IT_IS = fs.constants.O_RDWR | fs.constants.O_NOFOLLOW

/** A file without gamma shows black whatever its pixels are; one that somebody chose is left as it is. */
function giveGamma(fd: number): void {
  const found = Buffer.alloc(GAMMA.length)
  const length = fs.readSync(fd, found, 0, GAMMA.length, FRAME_BYTES)
  if (length < GAMMA.length || found.every((level) => level === 0))
    fs.writeSync(fd, GAMMA, 0, GAMMA.length, FRAME_BYTES)
}

function inWords(error: unknown, path: string): unknown {
  if (systemCode(error) === undefined) return error
  return failure(
    `the Sense HAT Emulator's screen ${path} cannot be written to (${reasonOf(error)}): ` +
      'run the emulator and this light as the same user',
    error,
  )
}
