/** `--display sense-hat`: the 8x8 panel of a Raspberry Pi Sense HAT. */
import { failure, reasonOf, systemCode } from '../../platform/errors.ts'
import type { Display } from './display.ts'
import type { Rgb } from './frame.ts'
import { type Framebuffer, findFramebuffer, gone, identify, writeBytes, writeChecked } from './framebuffer.ts'
import { openPanel, type PanelDevice, type PanelOptions } from './panel.ts'
import { rgb565 } from './rgb565.ts'
import { libraryFault, loadLibrary, type SenseHatLibrary } from './sense-hat-library.ts'

export interface SenseHatOptions extends PanelOptions {
  /** Told once, where the HAT is written to in another way than the usual. */
  readonly onNote: (note: string) => void
  /**
   * Writes the framebuffer directly from the start: for a dead-man, which must not wait for a library to load.
   * Default: false.
   */
  readonly direct?: boolean
}

/** Opens it. */
export const openSenseHat = (options: SenseHatOptions): Display => openPanel(senseHatDevice(options), options)

export const NO_HAT =
  'no Sense HAT was found: push it on firmly and restart the Pi; where it is on, add dtoverlay=rpi-sense to ' +
  '/boot/firmware/config.txt and restart'

type Write = (pixels: readonly Rgb[]) => void

function senseHatDevice({ onNote, direct = false }: Pick<SenseHatOptions, 'onNote' | 'direct'>): PanelDevice {
  const libraryFor = direct ? null : onceForEachPath()
  let opened: { readonly framebuffer: Framebuffer; readonly write: Write } | null = null
  /** Where it was before. */
  let lastPath: string | null = null
  let lastNote: string | null = null
  const note = (text: string): void => {
    if (text !== lastNote) onNote(text)
    lastNote = text
  }
  const attempt = (task: () => void): void => {
    try {
      task()
    } catch (error) {
      // It may come back as another device, and the package may be mended meanwhile.
      opened = null
      throw inWords(error, lastPath ?? '')
    }
  }
  return {
    kind: 'sense-hat',
    write: (pixels) =>
      attempt(() => {
        opened ??= open(findOrThrow(lastPath), libraryFor, note)
        const { framebuffer, write } = opened
        lastPath = framebuffer.path
        writeChecked(framebuffer, () => write(pixels))
      }),
    check: () =>
      attempt(() => {
        if (opened !== null) identify(opened.framebuffer)
      }),
  }
}

function findOrThrow(lastPath: string | null): Framebuffer {
  const framebuffer = findFramebuffer()
  if (framebuffer !== null) return framebuffer
  throw lastPath === null ? failure(NO_HAT) : gone(lastPath)
}

/** The library, as it was loaded for the device at a path. Throws what keeps it from being loaded. */
type LibraryFor = (path: string) => SenseHatLibrary

/**
 * Loads it now, and again only where the HAT has become another device: on a small Pi that takes longer than a lamp that
 * paints may be silent.
 */
function onceForEachPath(): LibraryFor {
  let loaded: { readonly path: string; readonly library: SenseHatLibrary } | null = null
  const libraryFor: LibraryFor = (path) => {
    if (loaded?.path !== path) loaded = { path, library: loadLibrary() }
    return loaded.library
  }
  try {
    libraryFor(findFramebuffer()?.path ?? '')
  } catch {
    // What is wrong is told with the first frame.
  }
  return libraryFor
}

function open(framebuffer: Framebuffer, libraryFor: LibraryFor | null, note: (text: string) => void) {
  const writeDirectly: Write = (pixels) => writeBytes(framebuffer, rgb565(pixels))
  if (libraryFor === null) return { framebuffer, write: writeDirectly }
  try {
    const { sync } = libraryFor(framebuffer.path)
    return { framebuffer, write: (pixels: readonly Rgb[]) => sync.setPixels(pixels) }
  } catch (error) {
    const fault = libraryFault(error)
    if (fault === null) throw error
    note(`${framebuffer.path} is written to directly, since ${reasonOf(fault)}`)
    return { framebuffer, write: writeDirectly }
  }
}

/** What a system error on the device means, and what to do. */
function inWords(error: unknown, path: string): unknown {
  const code = systemCode(error)
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return noRight(path, error)
    case 'EIO':
    case 'ENODEV':
    case 'ENXIO':
      return failure(
        `the Sense HAT does not answer (${code} from ${path}): push it on firmly; it is tried again`,
        error,
      )
    default:
      return error
  }
}

/** Why this user may not write to the HAT, and how that is mended. */
export const noRight = (path: string, cause?: unknown): Error =>
  failure(
    `this user may not write to ${path}: sudo usermod -aG video "$USER", then log in again ` +
      '(a systemd service: SupplementaryGroups=video)',
    cause,
  )
