/** The unit tests of the broker. */
import { runTestFiles } from '../fixtures/test-files.ts'

await runTestFiles('unit', (path) => path.startsWith('broker/'))
