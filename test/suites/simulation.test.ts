/** The simulation, and the mutants that it catches. */
import { runTests } from '../fixtures/test-files.ts'

await runTests('simulation')
