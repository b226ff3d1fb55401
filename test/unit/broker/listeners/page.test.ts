import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import type { Answer, Routes } from '../../../../src/broker/listeners/http.ts'
import { pageRoutes } from '../../../../src/broker/listeners/page.ts'
import { silentLogger } from '../../../../src/platform/log.ts'
import { RecordingLogger } from '../../../fixtures/broker-pair.ts'

/** The page as it is built, with what must not be served beside what must. */
const builtIn = (t: Test): string =>
  t.testdir({
    'index.html': '<!doctype html><script type="module" src="/page.js"></script>',
    'page.css': 'body { margin: 0 }',
    'page.js': 'export {}',
    'page.js.map': '{}',
    'icon.svg': '<svg/>',
    'users.json': '{}',
  })

async function get(routes: Routes, path: string, headers: Record<string, string> = {}): Promise<Answer | null> {
  const route = routes.get(path)
  return route === undefined ? null : await route({ headers })
}

t.test('the page allows nothing inline, nothing from elsewhere and no frame around it', async (t) => {
  const page = await get(await pageRoutes(silentLogger, builtIn(t)), '/')
  t.match(page, { status: 200, type: 'text/html; charset=utf-8' })
  const policy = page?.headers?.['content-security-policy'] ?? ''
  t.match(policy, /^default-src 'none'; /)
  t.notMatch(policy, /unsafe|\*|http/)
  for (const directive of ["script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"])
    t.ok(policy.includes(directive))
})

t.test('nothing is served but the page', async (t) => {
  const routes = await pageRoutes(silentLogger, builtIn(t))
  t.strictSame([...routes.keys()].toSorted(), ['/', '/icon.svg', '/page.css', '/page.js'])
  t.match(await get(routes, '/page.js'), { type: 'text/javascript; charset=utf-8', body: 'export {}' })
})

t.test('what was built is whole: the page asks for nothing but its own files', async (t) => {
  const routes = await pageRoutes(silentLogger)
  const [page, script, style] = await Promise.all(
    ['/', '/page.js', '/page.css'].map(async (path) => `${(await get(routes, path))?.body}`),
  )
  const asked = [...`${page}`.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = '']) => path)
  t.strictSame(asked.toSorted(), ['/icon.svg', '/page.css', '/page.js'])
  t.notMatch(script, /\bimport\s*[("']|\bfrom\s*["']/, 'libraries are in it')
  t.notMatch(style, /@import|url\(/)
})

t.test('files are compressed for who takes that, and for nobody else', async (t) => {
  const text = `body { margin: 0 }\n${'/* much the same */\n'.repeat(100)}`
  const folder = builtIn(t)
  writeFileSync(join(folder, 'page.css'), text)
  const routes = await pageRoutes(silentLogger, folder)
  for (const accepted of ['gzip', 'gzip, deflate, br', 'deflate, gzip;q=0.5', 'br,gzip']) {
    const answer = await get(routes, '/page.css', { 'accept-encoding': accepted })
    t.match(answer, { status: 200, headers: { 'content-encoding': 'gzip', vary: 'accept-encoding' } }, accepted)
    t.ok((answer?.body.length ?? 0) < text.length / 4)
    t.equal(`${gunzipSync(answer?.body ?? '')}`, text)
  }
  for (const accepted of ['', 'br', 'gzip;q=0', 'gzip; q=0.0, br', 'x-gzip-no']) {
    const answer = await get(routes, '/page.css', { 'accept-encoding': accepted })
    t.equal(answer?.body, text, accepted)
    t.equal(answer?.headers?.['content-encoding'], undefined)
  }
  const small = await get(routes, '/icon.svg', { 'accept-encoding': 'gzip' })
  t.equal(small?.body, '<svg/>', 'a small one as it is')
})

t.test('who has a file already is told that it is the same', async (t) => {
  const routes = await pageRoutes(silentLogger, builtIn(t))
  const etag = (await get(routes, '/page.css'))?.headers?.['etag'] ?? ''
  t.match(await get(routes, '/page.css', { 'if-none-match': etag }), { status: 304, body: '' })
  t.match(await get(routes, '/page.css', { 'if-none-match': '"older"' }), { status: 200 })
})

t.test('a package that was not built has no page, and says how to get one', async (t) => {
  const logger = new RecordingLogger()
  t.equal((await pageRoutes(logger, t.testdir())).size, 0)
  t.match(logger.of('page_missing'), [{ fix: 'npm run build' }])
})
