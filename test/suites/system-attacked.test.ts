/** Whole crossings that are attacked, or whose machine fails them. */
import { runSystemTests } from '../fixtures/test-files.ts'

await runSystemTests('attacked')
