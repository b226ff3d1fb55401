/** The unit tests of the clients. */
import { runTests } from '../fixtures/test-files.ts'

await runTests('unit', (path) => path.startsWith('clients/'))
