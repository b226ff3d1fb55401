/** What the README has to copy, copied. */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { transformSync } from 'esbuild'
import t from 'tap'
import { RunningProcess } from '../fixtures/processes.ts'
import { ROOT } from '../fixtures/root.ts'

/** What the example leaves to its reader: a display, and what there is to wait for. */
const READERS_PART = `
let seen = () => {}
const seenGreen = new Promise((resolve) => { seen = resolve })
const myDisplay = { kind: 'mine', show: ({ aspect }) => { if (aspect === 'green') seen() }, close: () => {} }
const untilDone = () => seenGreen
`

t.test('the example of the library runs as it stands', async (t) => {
  const [, example = ''] =
    /^## As a library\n\n```ts\n([\s\S]*?)```$/m.exec(readFileSync(join(ROOT, 'README.md'), 'utf8')) ?? []
  t.match(example, 'await untilDone()')
  const folder = t.testdir()
  copyFileSync(join(ROOT, 'users.json'), join(folder, 'users.json'))
  // Node 20 knows no `await using`.
  const { code } = transformSync(`${READERS_PART}${example}`, { loader: 'ts', format: 'esm', target: 'es2022' })
  writeFileSync(join(folder, 'example.mjs'), code)
  const run = new RunningProcess(process.execPath, ['example.mjs'], { cwd: folder })
  t.teardown(() => run.kill())
  t.same(await run.ended, { code: 0, signal: null }, run.stderr)
  await run.closed
  t.match(run.stdout, /^light1 green$/m, 'the display by name')
})
