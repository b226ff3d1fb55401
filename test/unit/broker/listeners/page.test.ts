import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import type { Answer, Routes } from '../../../../src/broker/listeners/http.ts'
import { pageRoutes } from '../../../../src/broker/listeners/page.ts'
import { silentLogger } from '../../../../src/platform/log.ts'
import { RecordingLogger } from '../../../fixtures/broker-pair.ts'

/** A package as it is after compiling, with what must not be served beside what must. */
const compiledIn = (t: Test): string =>
  `${t.testdir({
    web: {
      'index.html': '<!doctype html><script type="module" src="/web/page.js"></script>',
      style: { 'base.css': 'body { margin: 0 }' },
      'icon.svg': '<svg/>',
      'page.js':
        "import * as z from 'zod'\nimport mqtt from \"mqtt\"\nimport './app.js'\n//# sourceMappingURL=page.js.map\n",
      'page.d.ts': 'export {}',
      'page.js.map': '{}',
      dom: { 'row.js': 'export {}' },
    },
    protocol: { 'aspect.js': 'export {}' },
    clients: { display: { 'frame.js': 'export {}', 'terminal.js': 'export {}' } },
    'cli.js': 'export {}',
  })}/`

async function get(routes: Routes, path: string, headers: Record<string, string> = {}): Promise<Answer | null> {
  const route = routes.get(path)
  return route === undefined ? null : await route({ headers })
}

t.test('the page allows nothing inline, nothing from elsewhere and no frame around it', async (t) => {
  const page = await get(await pageRoutes(silentLogger, compiledIn(t)), '/')
  t.match(page, { status: 200, type: 'text/html; charset=utf-8' })
  const policy = page?.headers?.['content-security-policy'] ?? ''
  t.match(policy, /^default-src 'none'; /)
  t.notMatch(policy, /unsafe|\*|http/)
  for (const directive of ["script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"])
    t.ok(policy.includes(directive))
})

t.test('modules find the libraries by their addresses, and everything that is imported is there', async (t) => {
  const routes = await pageRoutes(silentLogger, compiledIn(t))
  const module = await get(routes, '/web/page.js')
  t.equal(module?.type, 'text/javascript; charset=utf-8')
  t.equal(
    module?.body,
    "import * as z from '/vendor/zod/index.js'\nimport mqtt from \"/vendor/mqtt.js\"\nimport './app.js'\n\n",
  )
  for (const path of [...routes.keys()].filter((one) => one.startsWith('/vendor/zod/'))) {
    const body = `${(await get(routes, path))?.body}`
    for (const [, name = ''] of body.matchAll(/^(?:import|export)\b[^'"\n]*["'](\.[^"']+)["']/gm)) {
      const address = new URL(name, `http://x${path}`).pathname
      t.ok(routes.has(address), `${path} imports ${address}`)
    }
  }
})

t.test('nothing is served but the page, what it shares and its libraries', async (t) => {
  const routes = await pageRoutes(silentLogger, compiledIn(t))
  t.strictSame([...routes.keys()].filter((path) => !path.startsWith('/vendor/')).toSorted(), [
    '/',
    '/clients/display/frame.js',
    '/icon.svg',
    '/protocol/aspect.js',
    '/web/dom/row.js',
    '/web/page.js',
    '/web/style/base.css',
  ])
})

t.test('the document names every module behind the page beforehand, and no other', async (t) => {
  const links = async (dist: string): Promise<readonly string[]> => {
    const document = `${(await get(await pageRoutes(silentLogger, dist), '/'))?.body}`
    return [...document.matchAll(/<link rel="modulepreload" href="([^"]+)" \/>/g)].map(([, path = '']) => path)
  }
  const folder = t.testdir({
    web: {
      'index.html': '<!doctype html><script type="module" src="/web/page.js"></script>',
      'page.js': "import './a.js'\nconst { start } = await import('./dom/b.js')\n",
      'a.js': "export { c } from '../protocol/c.js'\nimport './a.js'\nimport './missing.js'\n",
      'unused.js': 'export {}',
      dom: { 'b.js': "import mqtt from 'mqtt'" },
    },
    protocol: { 'c.js': 'export {}' },
    clients: { display: { 'frame.js': 'export {}' } },
  })
  t.strictSame(await links(`${folder}/`), ['/web/a.js', '/web/dom/b.js', '/protocol/c.js', '/vendor/mqtt.js'])
  t.ok((await links(compiledIn(t))).includes('/vendor/zod/v4/core/core.js'), 'what libraries import, too')
})

t.test('files are compressed for who takes that, and for nobody else', async (t) => {
  const text = `body { margin: 0 }\n${'/* much the same */\n'.repeat(100)}`
  const dist = compiledIn(t)
  writeFileSync(join(dist, 'web/style/base.css'), text)
  const routes = await pageRoutes(silentLogger, dist)
  for (const accepted of ['gzip', 'gzip, deflate, br', 'deflate, gzip;q=0.5', 'br,gzip']) {
    const answer = await get(routes, '/web/style/base.css', { 'accept-encoding': accepted })
    t.match(answer, { status: 200, headers: { 'content-encoding': 'gzip', vary: 'accept-encoding' } }, accepted)
    t.ok((answer?.body.length ?? 0) < text.length / 4)
    t.equal(`${gunzipSync(answer?.body ?? '')}`, text)
  }
  for (const accepted of ['', 'br', 'gzip;q=0', 'gzip; q=0.0, br', 'x-gzip-no']) {
    const answer = await get(routes, '/web/style/base.css', { 'accept-encoding': accepted })
    t.equal(answer?.body, text, accepted)
    t.equal(answer?.headers?.['content-encoding'], undefined)
  }
  const small = await get(routes, '/icon.svg', { 'accept-encoding': 'gzip' })
  t.equal(small?.body, '<svg/>', 'a small one as it is')
})

t.test('who has a file already is told that it is the same', async (t) => {
  const routes = await pageRoutes(silentLogger, compiledIn(t))
  const etag = (await get(routes, '/web/style/base.css'))?.headers?.['etag'] ?? ''
  t.match(await get(routes, '/web/style/base.css', { 'if-none-match': etag }), { status: 304, body: '' })
  t.match(await get(routes, '/web/style/base.css', { 'if-none-match': '"older"' }), { status: 200 })
})

t.test('a package that was not compiled has no page, and says how to get one', async (t) => {
  const logger = new RecordingLogger()
  t.equal((await pageRoutes(logger, t.testdir())).size, 0)
  t.match(logger.of('page_missing'), [{ fix: 'npm run build' }])
})
