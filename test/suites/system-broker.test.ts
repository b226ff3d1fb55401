/** Whole crossings and their broker. */
import { runSystemTests } from '../fixtures/test-files.ts'

await runSystemTests('broker')
