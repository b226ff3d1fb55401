/** The unit tests of the clients. */
import { runUnitTests } from '../fixtures/test-files.ts'

await runUnitTests((path) => path.startsWith('clients/'))
