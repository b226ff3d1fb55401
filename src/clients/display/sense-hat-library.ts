/** The one place that knows npm `sense-hat-led`: an optional package, which looks for the HAT as soon as it is loaded. */
import { createRequire } from 'node:module'
import { failure, reasonOf, systemCode } from '../../platform/errors.ts'
import type { Rgb } from './frame.ts'

/** The part of it that is used: its other calls swallow errors, keep no order, or end the process. */
export interface SenseHatLibrary {
  readonly sync: { setPixels(pixels: readonly Rgb[]): void }
}

const require = createRequire(import.meta.url)

/**
 * Loads it anew: it remembers the device that it found when it was loaded, and a HAT that was plugged in again may have
 * another. Throws what `libraryFault` explains.
 */
export function loadLibrary(): SenseHatLibrary {
  const path = require.resolve('sense-hat-led')
  delete require.cache[path]
  const library: SenseHatLibrary = require(path)
  return library
}

/** What keeps the library from being used, and how that is mended; null for anything but a missing part of it. */
export function libraryFault(error: unknown): Error | null {
  const code = systemCode(error)
  const reason = reasonOf(error)
  if (code === 'MODULE_NOT_FOUND') {
    return failure(
      `the package sense-hat-led is not installed, as where npm finds no compiler: ` +
        'sudo apt install g++ make python3, then npm ci',
      error,
    )
  }
  if (reason.startsWith('Could not locate the bindings file')) {
    return failure(
      `the native part of sense-hat-led was not built, as where npm may not run install scripts: ` +
        'npm rebuild ioctl --ignore-scripts=false',
      error,
    )
  }
  if (code === 'ERR_DLOPEN_FAILED') {
    return failure(`the native part of sense-hat-led was built for another Node.js: npm rebuild ioctl`, error)
  }
  return null
}
