/** The rules of the house that a program can check. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { ROOT } from './fixtures/root.ts'

const LINES_MAX = 300

interface Source {
  readonly path: string
  readonly text: string
  /** Modules imported at load or on demand, types included: ours as paths from the root, others by name. */
  readonly imports: readonly string[]
  /** Those of them that exist when it runs. */
  readonly loads: readonly string[]
}

/** What was written in that folder: what the compiler made of it is in its folder dist. */
function sourcesIn(folder: string): Source[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'dist' ? [] : sourcesIn(path)
    return entry.name.endsWith('.ts') ? [sourceAt(path)] : []
  })
}

function sourceAt(path: string): Source {
  const text = readFileSync(join(ROOT, path), 'utf8')
  const resolved = (name: string): string => (name.startsWith('.') ? join(dirname(path), name) : name)
  const statements = [...text.matchAll(/^(?:import|export)\s(type\s)?[^;'"]*?from\s+'([^']+)'/gm)]
  const dynamic = [...text.matchAll(/\bimport\('([^']+)'\)/g)].map(([, name = '']) => resolved(name))
  const required = [...text.matchAll(/\brequire(?:\.resolve)?\('([^']+)'\)/g)].map(([, name = '']) => name)
  const imports = statements.map(([, , name = '']) => resolved(name))
  const loads = statements.filter(([, type]) => type === undefined).map(([, , name = '']) => resolved(name))
  return { path, text, imports: [...imports, ...dynamic, ...required], loads }
}

const sources = sourcesIn('src')
const tests = [...sourcesIn('test'), ...sourcesIn('bench')]
const folderOf = (path: string): string => path.split('/').slice(0, 2).join('/')
const pathsOf = (files: readonly Source[], are: (file: Source) => boolean): string[] =>
  files.filter(are).map(({ path }) => path)

/** Who may import what of src; a folder that is not named here may import everything. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'src/platform': ['src/platform'],
  'src/protocol': ['src/protocol', 'src/platform'],
  'src/broker': ['src/broker', 'src/protocol', 'src/platform'],
  'src/clients': ['src/clients', 'src/protocol', 'src/platform'],
  'src/web': ['src/web', 'src/protocol'],
}

/** What a panel shows is said in one place, which is pure: the page draws the same. */
const ALSO_MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'src/web/dom/signal-head.ts': ['src/clients/display/frame.ts'],
}

t.test('imports point one way', (t) => {
  for (const { path, imports } of sources) {
    const allowed = MAY_IMPORT[folderOf(path)]
    if (allowed === undefined) continue
    const also = ALSO_MAY_IMPORT[path] ?? []
    const wrong = imports.filter(
      (name) => name.startsWith('src/') && !allowed.includes(folderOf(name)) && !also.includes(name),
    )
    t.strictSame(wrong, [], `${path} keeps to ${allowed.join(', ')}`)
  }
  t.end()
})

/** Each library is known in one place, so that it can be replaced there. */
const HOMES: Readonly<Record<string, readonly string[]>> = {
  aedes: ['src/broker/broker.ts', 'src/broker/hooks.ts'],
  'classic-level': ['src/broker/persistence/level.ts'],
  mqtt: ['src/clients/link/mqtt-link.ts', 'src/web/connection.ts'],
  bcryptjs: ['src/broker/auth/password-worker.ts', 'src/demo/accounts.ts'],
  piscina: ['src/broker/auth/password.ts'],
  'lru-cache': ['src/broker/auth/authenticate.ts', 'src/broker/auth/failure-limit.ts'],
  'prom-client': ['src/broker/metrics-registry.ts'],
  pino: ['src/platform/log.ts'],
  'pino-pretty': ['src/platform/log.ts'],
  ws: ['src/broker/listeners/websocket.ts', 'src/platform/websocket-stream.ts', 'src/clients/link/network.ts'],
  'write-file-atomic': ['src/broker/auth/edit-users.ts', 'src/broker/certs/certs-folder.ts'],
  '@peculiar/x509': ['src/broker/certs/issue.ts'],
  'sense-hat-led': ['src/clients/display/sense-hat-library.ts'],
}

t.test('each library is imported in its one place', (t) => {
  for (const [library, homes] of Object.entries(HOMES)) {
    const found = sources.filter(({ imports }) => imports.includes(library)).map(({ path }) => path)
    t.strictSame(
      found.filter((path) => !homes.includes(path)),
      [],
      library,
    )
    t.ok(found.length > 0, `${library} is used at all`)
  }
  t.end()
})

/** The module that is to the page what src/platform is to the programs. */
const PAGE = 'src/web/page.ts'

t.test('time and chance are passed in', (t) => {
  for (const { path, text } of sources) {
    if (folderOf(path) === 'src/platform' || path === PAGE) continue
    t.notMatch(
      text,
      /\b(?:Date\.now|new Date|performance\.now|setTimeout|setInterval|setImmediate|Math\.random)\b/,
      path,
    )
  }
  t.end()
})

t.test('the page touches its window in one module, the document in its folder dom, and never makes markup', (t) => {
  const page = sources.filter(({ path }) => folderOf(path) === 'src/web')
  t.ok(page.length > 20)
  for (const { path, text } of page) {
    t.notMatch(text, /\b(?:innerHTML|outerHTML|insertAdjacentHTML|eval)\b/, path)
    if (path === PAGE) continue
    t.notMatch(text, /\b(?:window|requestAnimationFrame|sessionStorage|localStorage|location|navigator)\./, path)
    if (!path.startsWith('src/web/dom/')) t.notMatch(text, /\bdocument\b/, path)
  }
  t.end()
})

/** What is loaded where those files are, themselves included: paths of sources, and names of packages. */
function loadedBy(paths: readonly string[]): ReadonlySet<string> {
  const loaded = new Set<string>()
  const visit = (path: string): void => {
    if (loaded.has(path)) return
    loaded.add(path)
    for (const next of byPath.get(path)?.loads ?? []) visit(next)
  }
  for (const path of paths) visit(path)
  return loaded
}

const byPath = new Map(sources.map((source) => [source.path, source]))

t.test('what the browser loads is there for browsers', (t) => {
  const loaded = loadedBy(sources.map(({ path }) => path).filter((path) => folderOf(path) === 'src/web'))
  const libraries = [...loaded].filter((name) => !name.startsWith('src/'))
  t.strictSame(libraries.toSorted(), ['mqtt', 'zod'])
  for (const path of loaded) t.notMatch(byPath.get(path)?.text ?? '', /\b(?:process|Buffer)\./, path)
  t.end()
})

t.test('the pure core loads nothing that could act', (t) => {
  const core = sources.filter(({ path }) =>
    /^src\/(protocol\/(aspect|wire|constants|mode|topics|limits)|clients\/light\/(lamp|light)|clients\/controller\/(clock-bounds|light-view|gate|plan|control-state|charge|orders|controller|plan-report))\.ts$/.test(
      path,
    ),
  )
  t.equal(core.length, 17)
  for (const { path, text, loads } of core) {
    t.strictSame(
      loads.filter((name) => !name.startsWith('src/')),
      [],
      path,
    )
    t.notMatch(text, /\b(?:process|console|globalThis)\./, path)
  }
  t.end()
})

t.test('the lamp process loads neither MQTT nor parsers nor loggers', (t) => {
  const loaded = loadedBy(['src/clients/light/lamp-process.ts'])
  t.ok(loaded.has('src/clients/light/lamp.ts'))
  t.strictSame(
    [...loaded].filter((name) => !name.startsWith('src/') && !name.startsWith('node:')),
    [],
  )
  t.end()
})

t.test('files are short, name their exports and are finished', (t) => {
  const all = [...sources, ...tests.filter(({ path }) => path !== 'test/tidy.test.ts')]
  t.ok(all.length > 500)
  const long = pathsOf(sources, ({ text }) => text.split('\n').length > LINES_MAX)
  t.strictSame(long, [], `no file has more than ${LINES_MAX} lines`)
  t.strictSame(
    pathsOf(sources, ({ text }) => /^export default/m.test(text)),
    [],
    'no file has a default export',
  )
  t.strictSame(
    pathsOf(all, ({ text }) => /\b(?:TODO|FIXME|XXX)\b/.test(text)),
    [],
    'nothing is left to do',
  )
  t.strictSame(
    pathsOf(all, ({ text }) => /\bt\.(?:only|todo)\(|\b(?:only|todo): *true/.test(text)),
    [],
    'no test is left out',
  )
  t.end()
})
