/**
 * Makes what is started, and what a browser is given: each program and the page in few files, with what they use of
 * their libraries and nothing else. A process that reads hundreds of modules before it begins is late by a fifth of a
 * second on a fast machine, and by a whole one on a small computer.
 */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { build } from 'esbuild'

const PROGRAMS = ['src/cli.ts', 'src/clients/light/lamp-process.ts', 'src/broker/auth/password-worker.ts']

/** What several programs share, or one needs at times; named by what is in it. */
const CHUNKS = 'dist/program/chunks'

/** These stay where npm put them: they look for files of theirs beside themselves, or are seldom needed and large. */
const EXTERNAL = ['@peculiar/x509', 'classic-level', 'piscina', 'reflect-metadata', 'write-file-atomic']

/** CommonJS inside a module has no `require` of its own. */
const REQUIRE =
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);"

const common = { bundle: true, format: 'esm', target: 'es2022', logLevel: 'warning', write: false }

const [programs, page] = await Promise.all([
  build({
    ...common,
    entryPoints: PROGRAMS,
    outdir: 'dist/program',
    outbase: 'src',
    chunkNames: 'chunks/[name]-[hash]',
    platform: 'node',
    splitting: true,
    external: EXTERNAL,
    banner: { js: REQUIRE },
    sourcemap: true,
    sourcesContent: false,
  }),
  build({
    ...common,
    entryPoints: ['src/web/page.ts', 'src/web/page.css', 'src/web/index.html', 'src/web/icon.svg'],
    loader: { '.html': 'copy', '.svg': 'copy' },
    outdir: 'dist/page',
    minify: true,
  }),
])

const isChunk = ({ path }) => path.includes(`/${CHUNKS}/`)
const chunks = programs.outputFiles.filter(isChunk)
// Before those that load them.
await Promise.all(chunks.map(put))
await Promise.all([...programs.outputFiles.filter((file) => !isChunk(file)), ...page.outputFiles].map(put))
const made = new Set(chunks.map(({ path }) => basename(path)))
const stale = (await readdir(CHUNKS)).filter((name) => !made.has(name))
await Promise.all(stale.map((name) => rm(`${CHUNKS}/${name}`, { force: true })))

/** Whole or not at all, and only where it differs: other processes may start from these files meanwhile. */
async function put({ path, contents }) {
  const before = await readFile(path).catch(() => null)
  if (before?.equals(contents)) return
  await mkdir(dirname(path), { recursive: true })
  const draft = `${path}.${process.pid}`
  await writeFile(draft, contents)
  await rename(draft, path)
}
