/** Whole crossings and their lamps. */
import { runSystemTests } from '../fixtures/test-files.ts'

await runSystemTests('lamps')
