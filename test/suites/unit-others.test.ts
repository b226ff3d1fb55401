/** All other unit tests, and the rules of the house. */
import { runTests } from '../fixtures/test-files.ts'
import '../tidy.test.ts'

await runTests('unit', (path) => !/^(broker|clients)\//.test(path))
