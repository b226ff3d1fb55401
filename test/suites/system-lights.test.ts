/** Whole crossings and the MQTT processes of their lights. */
import { runSystemTests } from '../fixtures/test-files.ts'

await runSystemTests('lights')
