/** All other unit tests. */
import { runUnitTests } from '../fixtures/test-files.ts'

await runUnitTests((path) => !/^(broker|clients)\//.test(path))
