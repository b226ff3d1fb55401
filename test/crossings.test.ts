/**
 * Everything that is shown on crossings of real processes, in one pool: there are always as many side by side as the
 * machine bears, whichever file they are from. Its name makes it the first that starts, since it takes longest.
 */
import t from 'tap'
import { runTestFiles } from './fixtures/test-files.ts'

/** For all of it, ms; each wait in it has its own limit. */
t.setTimeout(1_800_000)

await runTestFiles('crossings')
