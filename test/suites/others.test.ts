/** All other unit tests. */
import { runTestFiles } from '../fixtures/test-files.ts'

await runTestFiles('unit', (path) => !/^(broker|clients)\//.test(path))
