/** The page, as the HTTP listener serves it: a fixed list of files, read once at the start. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { systemCode } from '../../platform/errors.ts'
import type { Logger } from '../../platform/log.ts'
import { ownFile } from '../../platform/own-package.ts'
import type { Answer, Route, Routes } from './http.ts'

interface File {
  readonly name: string
  /** In its URL. */
  readonly path: string
  readonly type: string
}

const FILES: readonly File[] = [
  { name: 'index.html', path: '/', type: 'text/html; charset=utf-8' },
  { name: 'page.css', path: '/page.css', type: 'text/css; charset=utf-8' },
  { name: 'page.js', path: '/page.js', type: 'text/javascript; charset=utf-8' },
  { name: 'icon.svg', path: '/icon.svg', type: 'image/svg+xml' },
]

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

/** The routes of the page that was built into `folder`; none, with a line in the log, where it was not. */
export async function pageRoutes(logger: Logger, folder: string = ownFile('dist/page')): Promise<Routes> {
  try {
    const bodies = await Promise.all(FILES.map(({ name }) => readFile(join(folder, name), 'utf8')))
    return new Map(FILES.map((file, index) => [file.path, routeOf(file, bodies[index] ?? '')]))
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
    logger.warn({ folder, fix: 'npm run build' }, 'page_missing')
    return new Map()
  }
}

const compress = promisify(gzip)

/** Shorter ones gain nothing, bytes. */
const COMPRESSED_BYTES_MIN = 512

function routeOf({ path, type }: File, body: string): Route {
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
