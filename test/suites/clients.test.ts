/** The unit tests of the clients. */
import { runTestFiles } from '../fixtures/test-files.ts'

await runTestFiles('unit', (path) => path.startsWith('clients/'))
