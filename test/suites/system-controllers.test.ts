/** Whole crossings and who is in charge of them. */
import { runSystemTests } from '../fixtures/test-files.ts'

await runSystemTests('controllers')
