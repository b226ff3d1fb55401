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
