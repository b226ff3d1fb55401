/** The page, as the HTTP listener serves it: a fixed list of files, read once at the start. */
import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, extname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { systemCode } from '../../platform/errors.ts'
import type { Logger } from '../../platform/log.ts'
import type { Answer, Route, Routes } from './http.ts'

/** Of this package as it was compiled, whether this module itself runs compiled or not. */
const DIST = fileURLToPath(new URL(extname(import.meta.url) === '.ts' ? '../../../dist/' : '../../', import.meta.url))

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** What the page is made of besides `web`: modules that it shares with the clients. */
const SHARED = ['protocol', 'clients/display/frame.js']

/** The libraries, by the names that modules import them by, and where they are served. */
const VENDOR: Readonly<Record<string, string>> = { mqtt: '/vendor/mqtt.js', zod: '/vendor/zod/index.js' }

/** zod says what is wrong in fifty languages, and the page says none of it. */
const LOCALES = /\/locales\/(?!en\.js$)/

/** Nothing from elsewhere, nothing inline, no frame around it. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const PAGE_HEADERS = {
  'content-security-policy': POLICY,
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
}

interface File {
  /** Path in its URL. */
  readonly path: string
  readonly type: string
  readonly body: string
}

/** The routes of the page in the compiled package `dist`; none, with a line in the log, where that holds none. */
export async function pageRoutes(logger: Logger, dist: string = DIST): Promise<Routes> {
  try {
    const files = (await Promise.all([filesOfPage(dist), filesOfLibraries()])).flat()
    return new Map(withPreloads(files).map((file) => [file.path, routeOf(file)]))
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
    logger.warn({ folder: join(dist, 'web'), fix: 'npm run build' }, 'page_missing')
    return new Map()
  }
}

async function filesOfPage(dist: string): Promise<readonly File[]> {
  const names = await Promise.all(['web', ...SHARED].map((name) => namesIn(dist, name)))
  const files = await Promise.all(names.flat().map((name) => fileAt(join(dist, name), `/${name}`)))
  const at = (path: string, name: string): readonly File[] =>
    files.filter((file) => file.path === `/web/${name}`).map((file) => ({ ...file, path }))
  return [
    ...files.filter(({ path }) => /\.(js|css)$/.test(path)),
    ...at('/', 'index.html'),
    ...at('/icon.svg', 'icon.svg'),
  ]
}

async function filesOfLibraries(): Promise<readonly File[]> {
  const require = createRequire(import.meta.url)
  const zod = dirname(require.resolve('zod/package.json'))
  const mqtt = join(dirname(require.resolve('mqtt/package.json')), 'dist/mqtt.esm.js')
  const modules = await Promise.all(['v4/classic', 'v4/core', 'v4/locales'].map((folder) => modulesIn(zod, folder)))
  const parts = ['index.js', ...modules.flat()].filter((name) => !LOCALES.test(`/${name}`))
  const locales = { path: '/vendor/zod/v4/locales/index.js', type: TYPES['.js'] ?? '', body: 'export {}\n' }
  return [
    await fileAt(mqtt, '/vendor/mqtt.js'),
    ...(await Promise.all(parts.map((name) => fileAt(join(zod, name), `/vendor/zod/${name}`)))),
    locales,
  ]
}

/** The files of a folder of `dist`, those of its folders too; or the one file that `name` is. */
async function namesIn(dist: string, name: string): Promise<readonly string[]> {
  if (extname(name) !== '') return [name]
  const entries = await readdir(join(dist, name), { recursive: true, encoding: 'utf8' })
  return entries.filter((entry) => extname(entry) in TYPES).map((entry) => join(name, entry))
}

async function modulesIn(root: string, folder: string): Promise<readonly string[]> {
  const entries = await readdir(join(root, folder))
  return entries.filter((entry) => entry.endsWith('.js')).map((entry) => relative(root, join(root, folder, entry)))
}

async function fileAt(file: string, path: string): Promise<File> {
  const text = await readFile(file, 'utf8')
  const type = TYPES[extname(file)] ?? ''
  return { path, type, body: extname(file) === '.js' ? withAddresses(text) : text }
}

/** A browser knows modules by address alone: what a module imports by the name of a library is given one. */
const withAddresses = (module: string): string =>
  module
    .replace(/(\bfrom )(['"])([\w-]+)\2/g, (whole, from: string, quote: string, name: string) => {
      const address = VENDOR[name]
      return address === undefined ? whole : `${from}${quote}${address}${quote}`
    })
    .replace(/^\/\/# sourceMappingURL=.*$/m, '')

/** The module that the page begins with, as its document names it. */
const ENTRY = '/web/page.js'

/**
 * Names to the browser, in the document, every module that the page will import. Left alone it learns of each from the
 * one before, a dozen round trips deep.
 */
function withPreloads(files: readonly File[]): readonly File[] {
  const links = modulesBehind(ENTRY, new Map(files.map(({ path, body }) => [path, body]))).map(
    (path) => `<link rel="modulepreload" href="${path}" />`,
  )
  return files.map((file) =>
    file.path === '/' ? { ...file, body: file.body.replace('<script', `${links.join('')}<script`) } : file,
  )
}

/** What `entry` imports, and what that imports, as far as `bodies` holds it; without `entry` itself. */
function modulesBehind(entry: string, bodies: ReadonlyMap<string, string>): readonly string[] {
  const found = new Set([entry])
  for (const path of found) {
    for (const [, name = ''] of (bodies.get(path) ?? '').matchAll(IMPORTS)) {
      const imported = new URL(name, `http://page${path}`).pathname
      if (bodies.has(imported)) found.add(imported)
    }
  }
  found.delete(entry)
  return [...found]
}

/** What a module imports, at once or on demand: only an address begins with a dot or a slash. */
const IMPORTS = /\b(?:from|import)\s*\(?\s*["']([./][^"']+)["']/g

const compress = promisify(gzip)

/** Shorter ones gain nothing, bytes. */
const COMPRESSED_BYTES_MIN = 512

function routeOf({ path, type, body }: File): Route {
  // Weak: it is the same text, compressed or not.
  const etag = `W/"${createHash('sha256').update(body).digest('base64url')}"`
  const headers = {
    etag,
    vary: 'accept-encoding',
    'cache-control': 'no-cache',
    ...(path === '/' ? PAGE_HEADERS : {}),
  }
  const whole: Answer = { status: 200, type, body, headers }
  const unchanged: Answer = { status: 304, type, body: '', headers }
  let compressed: Promise<Answer> | null = null
  const compressedOnce = (): Promise<Answer> => {
    compressed ??= compress(body).then((bytes) => ({
      ...whole,
      body: bytes,
      headers: { ...headers, 'content-encoding': 'gzip' },
    }))
    return compressed
  }
  return ({ headers: asked }) => {
    if (asked['if-none-match'] === etag) return unchanged
    return body.length >= COMPRESSED_BYTES_MIN && takesGzip(asked['accept-encoding']) ? compressedOnce() : whole
  }
}

/** Whether the client takes gzip: it names it, and not with a weight of 0. Source: RFC 9110, 12.5.3. */
const takesGzip = (accepted: string | string[] = ''): boolean =>
  /(?:^|,)\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*(?:,|$))|,|$)/i.test(`${accepted}`)
