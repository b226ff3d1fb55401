import t from 'tap'
import { libraryFault } from '../../../../src/clients/display/sense-hat-library.ts'

const errorWith = (message: string, code?: string): Error => Object.assign(new Error(message), code && { code })

t.test('what is missing of the library is told apart, each with the command that mends it', async (t) => {
  for (const [error, message] of [
    [errorWith("Cannot find module 'sense-hat-led'", 'MODULE_NOT_FOUND'), /not installed.*: sudo apt install g\+\+/],
    [errorWith("Cannot find module 'ioctl'", 'MODULE_NOT_FOUND'), /not installed/],
    [errorWith('Could not locate the bindings file. Tried: …'), /was not built.*: npm rebuild ioctl --ignore/],
    [errorWith('compiled against a different Node.js', 'ERR_DLOPEN_FAILED'), /another Node.js: npm rebuild ioctl$/],
  ] as const) {
    t.match(libraryFault(error), { code: 'failed', message, cause: error }, error.message)
  }
})

t.test('anything else is no fault of the library', async (t) => {
  t.equal(libraryFault(errorWith('Cannot detect RPi-Sense FB device')), null)
  t.equal(libraryFault(errorWith('no', 'EACCES')), null)
})
