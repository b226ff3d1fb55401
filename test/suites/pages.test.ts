/** The page on crossings in this process, one after the other in one browser; Break it has processes of its own. */
import { runTests } from '../fixtures/test-files.ts'

await runTests('browser', (path) => path !== 'break-it')
