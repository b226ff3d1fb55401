/**
 * The tests that compute more than they wait, one after the other, beside all others, which wait more than they compute:
 * at once they would only wait for a processor.
 */
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

/** One of these files that takes longer hangs, and all of them together, ms. */
const HANGS_MS = 300_000
const ALL_HANG_MS = 1_200_000

t.setTimeout(ALL_HANG_MS)
// The same to who started this.
t.comment(`timeout=${ALL_HANG_MS}`)

for (const folder of ['suites', 'model', 'simulation']) {
  const files = readdirSync(join(import.meta.dirname, folder)).filter((name) => name.endsWith('.test.js'))
  for (const file of files.toSorted()) {
    const path = join(import.meta.dirname, folder, file)
    await t.spawn(process.execPath, [...process.execArgv, path], { timeout: HANGS_MS }, `${folder}/${file}`)
  }
}
