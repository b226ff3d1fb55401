/** The unit tests of the broker. */
import { runTests } from '../fixtures/test-files.ts'

await runTests('unit', (path) => path.startsWith('broker/'))
