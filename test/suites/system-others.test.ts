/** All other system tests. */
import { runSystemTests } from '../fixtures/test-files.ts'

await runSystemTests('others')
