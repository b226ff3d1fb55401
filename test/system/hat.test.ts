/** A light on a Sense HAT, in a machine that has one of its own. */
import { join } from 'node:path'
import t from 'tap'
import { needs, SENSE_HAT_RIG } from '../fixtures/needs.ts'

if (needs(t, 'a Sense HAT to make')) {
  const tests = join(import.meta.dirname, '../fixtures/hat-crossing-tests.js')
  const argv = [SENSE_HAT_RIG, process.execPath, ...process.execArgv, tests]
  await t.spawn('sh', argv, { timeout: 240_000 }, 'a crossing with a light on a HAT')
}
