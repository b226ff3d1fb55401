/** The unit tests of the broker. */
import { runUnitTests } from '../fixtures/test-files.ts'

await runUnitTests((path) => path.startsWith('broker/'))
