/** `npm run bench`: measures the compiled program in real processes and prints the tables of the README. */
import { cpus, release } from 'node:os'
import { parseArgs } from 'node:util'
import { CROSSINGS_MEANING, measureCrossings } from './broker/crossings.ts'
import { FROZEN_MEANING, measureFrozen } from './broker/frozen.ts'
import { HEADERS_MEANING, measureHeaders } from './broker/headers.ts'
import { IDLE_MEANING, measureIdle } from './broker/idle.ts'
import { LOGINS_MEANING, measureLogins } from './broker/logins.ts'
import { DEADMAN_MEANING, measureDeadman } from './deadman.ts'
import { isMet, type Row, tableOf } from './figures.ts'
import { LOAD_MEANING, measureLoad } from './load.ts'
import { measurePage, PAGE_MEANING } from './page.ts'
import { PANELS, type PanelName } from './panel.ts'
import { measurePanelDeadman, PANEL_MEANING } from './panel-deadman.ts'
import { measureStart, START_MEANING } from './start.ts'
import { measureTiming, TIMING_MEANING } from './timing.ts'
import { openWorkbench, type Workbench } from './workbench.ts'

const HELP = `Usage: npm run bench -- [timing] [start] [deadman] [load] [broker-logins] [broker-idle]
                         [broker-frozen] [broker-headers] [broker-crossings] [page] [options]

Measures the compiled program in real processes on loopback, and prints tables in Markdown; by default all parts but
those of the broker alone, which need Debian's mosquitto to compare with, and page, which needs its chromium. The exit
code is 1 where an aim is missed.

  --crossings N  crossings side by side, in timing and deadman [default 6]
  --changes N    timing: changes in all [default 300]
  --starts N     start: starts [default 10]
  --kills N      deadman: signals of each kind, idle and loaded [default 50]
  --seconds N    load, broker-frozen, broker-crossings, page: length of the measurement, s [default 30]
  --connections N  broker-idle: connections [default 10000]
  --largest N    broker-crossings: 100, 1000 and 3000 crossings, but none above N [default 3000]
  --display D    deadman: looks at the panel itself, terminal, emulator or sense-hat [default: at the traces of demos]
`

const DEFAULTS = { crossings: 6, changes: 300, starts: 10, kills: 50, seconds: 30, connections: 10_000, largest: 3000 }
type Counts = typeof DEFAULTS & { readonly display: PanelName | null }

const OPTIONS = Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, { type: 'string' } as const]))

interface Section {
  readonly text: string
  readonly met: boolean
}

type Part = (bench: Workbench, counts: Counts) => Promise<Section>

const PARTS: Readonly<Record<string, Part>> = {
  start: async (bench, counts) => sectionOf('Start', START_MEANING, await measureStart(bench, counts)),
  timing: async (bench, counts) => sectionOf('Timing', TIMING_MEANING, await measureTiming(bench, counts)),
  async deadman(bench, { display, ...counts }) {
    if (display === null) return sectionOf('Dead-man', DEADMAN_MEANING, await measureDeadman(bench, counts))
    const rows = await measurePanelDeadman(bench, { ...counts, display })
    return sectionOf(`Dead-man on ${display}`, PANEL_MEANING, rows)
  },
  load: async (bench, counts) => ({
    text: `### Load\n${LOAD_MEANING}\n\n${await measureLoad(bench, counts)}`,
    met: true,
  }),
}

/** Those that need what not every machine has. */
const PARTS_BY_NAME: Readonly<Record<string, Part>> = {
  page: async (bench, counts) => sectionOf('Page', PAGE_MEANING, await measurePage(bench, counts)),
  'broker-logins': async (bench) => {
    const { table, met } = await measureLogins(bench)
    return { text: `### Log-ins\n${LOGINS_MEANING}\n\n${table}`, met }
  },
  'broker-idle': async (bench, counts) => {
    const { table, met } = await measureIdle(bench, counts)
    return { text: `### Idle connections\n${IDLE_MEANING}\n\n${table}`, met }
  },
  'broker-frozen': async (bench, counts) => {
    const { table, met } = await measureFrozen(bench, counts)
    return { text: `### A frozen subscriber\n${FROZEN_MEANING}\n\n${table}`, met }
  },
  'broker-crossings': async (bench, counts) => {
    const { table, met } = await measureCrossings(bench, counts)
    return { text: `### Crossings\n${CROSSINGS_MEANING}\n\n${table}`, met }
  },
  'broker-headers': async (bench) => {
    const { table, met } = await measureHeaders(bench)
    return { text: `### Long packets\n${HEADERS_MEANING}\n\n${table}`, met }
  },
}

const sectionOf = (title: string, meaning: string, rows: readonly Row[]): Section => ({
  text: `### ${title}\n${meaning}\n\n${tableOf(rows)}`,
  met: rows.every(isMet),
})

async function run({ parts, counts }: Call): Promise<number> {
  const [cpu] = cpus()
  process.stdout.write(`Measured on ${cpus().length} x ${cpu?.model}, Linux ${release()}, Node ${process.version}\n`)
  let exitCode = 0
  for (const measure of parts) {
    await using bench = openWorkbench()
    // Whoever stops the bench wants no crossings left behind.
    const stop = (): void => void bench[Symbol.asyncDispose]().then(() => process.exit(130))
    process.once('SIGINT', stop).once('SIGTERM', stop)
    const { text, met } = await measure(bench, counts)
    process.off('SIGINT', stop).off('SIGTERM', stop)
    process.stdout.write(`\n${text}\n`)
    if (!met) exitCode = 1
  }
  return exitCode
}

/** Those that any machine can do where none is named. Throws TypeError for an unknown one. */
function partsNamed(names: readonly string[]): readonly Part[] {
  if (names.length === 0) return Object.values(PARTS)
  const parts = new Map(Object.entries({ ...PARTS, ...PARTS_BY_NAME }))
  return names.map((name) => {
    const part = parts.get(name)
    if (part === undefined) throw new TypeError(`unknown part '${name}': expected ${[...parts.keys()].join(', ')}`)
    return part
  })
}

function countsFrom(values: Readonly<Record<string, unknown>>): Counts {
  const count = (name: keyof typeof DEFAULTS): number => {
    const value = Number(values[name] ?? DEFAULTS[name])
    if (!Number.isSafeInteger(value) || value < 1) throw new TypeError(`--${name} must be a whole number above 0`)
    return value
  }
  return {
    crossings: count('crossings'),
    changes: count('changes'),
    starts: count('starts'),
    kills: count('kills'),
    seconds: count('seconds'),
    connections: count('connections'),
    largest: count('largest'),
    display: panelNamed(values['display']),
  }
}

/** Null where none is named. Throws TypeError for an unknown one. */
function panelNamed(name: unknown): PanelName | null {
  const known = PANELS.find((panel) => panel === name)
  if (known === undefined && name !== undefined) throw new TypeError(`--display must be one of ${PANELS.join(', ')}`)
  return known ?? null
}

interface Call {
  readonly parts: readonly Part[]
  readonly counts: Counts
}

/** Throws TypeError, as `parseArgs` does, for what it does not know. */
function parseCall(argv: readonly string[]): Call | 'help' {
  const { values, positionals } = parseArgs({
    args: [...argv],
    options: { ...OPTIONS, display: { type: 'string' }, help: { type: 'boolean' } },
    allowPositionals: true,
  })
  return values.help === true ? 'help' : { parts: partsNamed(positionals), counts: countsFrom(values) }
}

function callOrFault(argv: readonly string[]): Call | 'help' | TypeError {
  try {
    return parseCall(argv)
  } catch (error) {
    if (error instanceof TypeError) return error
    throw error
  }
}

const call = callOrFault(process.argv.slice(2))
if (call === 'help') process.stdout.write(HELP)
else if (call instanceof TypeError) {
  process.stderr.write(`bench: ${call.message}\n\n${HELP}`)
  process.exitCode = 2
} else process.exitCode = await run(call)
