/**
 * Makes of the modules that tsc has written what is started, and what a browser is given: each program and the page in
 * few files, with what they use of their libraries and nothing else. A process that reads a hundred modules before it
 * begins is late by a fifth of a second here, and by a whole one on a small computer.
 */
import { cp, readdir, rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { build } from 'esbuild'

/** What several programs share, or one needs at times; named by what is in it. */
const CHUNKS = 'chunks'

/** These stay where npm put them: they look for files of theirs beside themselves, or are seldom needed and large. */
const EXTERNAL = ['@peculiar/x509', 'classic-level', 'piscina', 'reflect-metadata', 'write-file-atomic']

/** CommonJS inside a module has no `require` of its own. */
const REQUIRE =
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);"

const common = { bundle: true, format: 'esm', target: 'es2022', logLevel: 'warning' }

const [programs] = await Promise.all([
  build({
    ...common,
    entryPoints: ['src/cli.ts', 'src/clients/light/lamp-process.ts'],
    outdir: 'dist',
    chunkNames: `${CHUNKS}/[name]-[hash]`,
    platform: 'node',
    splitting: true,
    external: EXTERNAL,
    banner: { js: REQUIRE },
    sourcemap: true,
    sourcesContent: false,
    metafile: true,
  }),
  build({ ...common, entryPoints: ['src/web/page.ts', 'src/web/page.css'], outdir: 'dist/page', minify: true }),
  ...['index.html', 'icon.svg'].map((name) => cp(`src/web/${name}`, `dist/page/${name}`)),
])

const made = new Set(Object.keys(programs.metafile.outputs).map((path) => basename(path)))
const stale = (await readdir(`dist/${CHUNKS}`)).filter((name) => !made.has(name))
await Promise.all(stale.map((name) => rm(`dist/${CHUNKS}/${name}`, { force: true })))
