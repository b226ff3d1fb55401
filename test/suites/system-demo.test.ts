/** Whole crossings as the demo starts them. */
import { runSystemTests } from '../fixtures/test-files.ts'

await runSystemTests('demo')
