/** `crossing demo`, which `npm start` runs: what it shows, that it survives, and that it leaves nothing. */
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { boundMs, DEMO_STAGE_MS } from '../fixtures/crossing-bounds.ts'
import { LIGHTS } from '../fixtures/crossing-rig.ts'
import { demoTest } from '../fixtures/demo-rig.ts'
import { needs } from '../fixtures/needs.ts'
import { type ListedProcess, untilGone } from '../fixtures/processes.ts'
import { SIDE_BY_SIDE } from '../fixtures/rig-test.ts'
import { recoveryMs, wrongSteps } from '../fixtures/trace-judge.ts'
import { nowMs, untilTrue } from '../fixtures/waiting.ts'

t.jobs = SIDE_BY_SIDE

/** First red and first green after the start of the program, ms; and how much slower a machine may be. */
const FIRST_RED_MS = 1500
const FIRST_GREEN_MS = 4000
const SLOW = 2

/** From a second SIGINT to the end, ms. */
const ENDING_MS = 2000

/** From the end of the demo's own process to that of the last of its children, ms: `horizonMs` and some seconds. */
const ORPHANS_MS = 4000 + 8000

/** What a terminal is sent, taken apart where a test looks at it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are made of them.
const REGION = /\x1b\[\d*;?\d*r/g
const RED_CELL = '\x1b[48;2;255;0;0m'
const GREEN_CELL = '\x1b[48;2;0;255;0m'

demoTest(
  t,
  'it prints a line per change, and ends with exit code 0 on SIGINT, leaving nothing',
  async (t, rig) => {
    const since = nowMs()
    const demo = rig.start()
    await demo.prints(/^light[12] red$/m)
    const redMs = nowMs() - since
    await demo.prints(/^light1 green$/m)
    const greenMs = nowMs() - since
    rig.isWithin(t, 'first red', { tookMs: redMs, boundMs: FIRST_RED_MS * SLOW, sinceMs: since })
    rig.isWithin(t, 'first green', { tookMs: greenMs, boundMs: FIRST_GREEN_MS * SLOW, sinceMs: since })
    await demo.prints(/^light1 green\nlight1 amber\nlight1 red\nlight2 green$/m)
    t.match(demo.stdout, /^(light[12] (red|green|amber|flashing-red)\n)+$/, 'data alone on stdout')
    t.equal(rig.processes().length, 6, 'broker, two lights with their lamps, controller')
    demo.signal('SIGINT')
    t.same(await demo.ended, { code: 0, signal: null })
    t.same(wrongSteps(rig.traces.frames), [], 'the last green ended with its amber')
    for (const light of LIGHTS) t.equal(rig.traces.colourOf(light), 'red')
    rig.leavesNothing(t)
  },
  { alone: true },
)

/** The longest that another test keeps its demo running, ms. */
const OTHER_DEMOS_MS = 200_000

/** Has the port that a demo would take. */
async function takePort(t: Test): Promise<void> {
  const squatter = createServer().on('error', () => {})
  t.teardown(() => squatter.close())
  // Another demo may have it, and end in the middle of this.
  await untilTrue(
    'port 1883 to be free',
    () => squatter.listening || squatter.listen({ host: '127.0.0.1', port: 1883 }).listening,
    OTHER_DEMOS_MS,
  )
}

demoTest(
  t,
  'where port 1883 is taken it takes another; whatever dies is started again, and all is well',
  async (t, rig) => {
    await takePort(t)
    const demo = rig.start()
    const { port } = await demo.logs('listening')
    t.not(port, 1883)
    const { page } = await demo.logs('demo_started')
    const answer = await fetch(`${page}`)
    t.equal(answer.status, 200, 'the page is there as soon as its address is told')
    t.match(await answer.text(), /<title>/)
    await demo.prints(/^light1 green$/m)
    for (const name of ['broker', 'light1', 'light2', 'controller', 'lamp of light1'] as const) {
      await t.test(`kill -9 of the ${name}`, async (t) => {
        const found = (): Promise<ListedProcess> => (name === 'lamp of light1' ? rig.lamp('light1') : rig.child(name))
        const victim = await found()
        const since = nowMs()
        process.kill(victim.pid, 'SIGKILL')
        await Promise.all(LIGHTS.map((light) => rig.traces.turns(light, 'green', since)))
        const { firstMs, lastMs } = recoveryMs(rig.traces.frames, LIGHTS, since)
        const bound = boundMs('parent')
        rig.isWithin(t, 'a light was green again', { tookMs: firstMs, boundMs: bound, sinceMs: since })
        const lastBoundMs = bound + DEMO_STAGE_MS
        rig.isWithin(t, 'every light was green again', { tookMs: lastMs, boundMs: lastBoundMs, sinceMs: since })
        t.not((await found()).pid, victim.pid)
      })
    }
    await t.test('Ctrl-C that npm passes on once more is one: the light still ends with amber', async (t) => {
      await rig.traces.turns('light1', 'green')
      const printed = demo.stdout.length
      demo.signal('SIGINT')
      demo.signal('SIGINT')
      t.equal((await demo.ended).code, 0)
      await demo.closed
      t.match(demo.stdout.slice(printed), /^light1 amber$[\s\S]*^light1 (flashing-)?red$/m)
      rig.leavesNothing(t)
    })
  },
)

demoTest(t, 'a second SIGINT does not wait for amber, and leaves nothing either', async (t, rig) => {
  const demo = rig.start()
  await demo.prints(/^light1 green$/m)
  rig.processes()
  const since = nowMs()
  demo.signal('SIGINT')
  // Half a second later it is not the echo of the first.
  const again = setInterval(() => demo.signal('SIGINT'), 100)
  await rig.traces.turns('light1', 'red', since)
  // While Node itself ends a signal does what it does by default.
  clearInterval(again)
  t.equal((await demo.ended).code, 0)
  rig.isWithin(t, 'ended', { tookMs: nowMs() - since, boundMs: ENDING_MS * SLOW, sinceMs: since })
  for (const light of LIGHTS) t.equal(rig.traces.colourOf(light), 'red')
  rig.leavesNothing(t)
})

demoTest(t, 'kill -9 of the demo itself ends all of its processes, lamps red', async (t, rig) => {
  const demo = rig.start()
  await demo.prints(/^light1 green$/m)
  const children = rig.processes().map(({ pid }) => pid)
  t.equal(children.length, 6)
  const since = nowMs()
  await demo.kill()
  await untilGone(children)
  rig.isWithin(t, 'the last one ended', { tookMs: nowMs() - since, boundMs: ORPHANS_MS, sinceMs: since })
  t.same(wrongSteps(rig.traces.frames), [])
  for (const light of LIGHTS) t.equal(rig.traces.colourOf(light), 'red')
  rig.leavesNothing(t)
})

demoTest(t, 'two demos, started at one moment, both run', async (t, rig) => {
  const demos = [rig.start(), rig.start()]
  for (const demo of demos) await demo.prints(/^light1 green$/m)
  for (const demo of demos) await demo.prints(/^light2 green$/m)
  for (const demo of demos) demo.signal('SIGINT')
  for (const demo of demos) t.equal((await demo.ended).code, 0)
  t.same(rig.processes(), [])
})

demoTest(t, 'a users.json with a mistake ends it with exit code 78 and the reason', async (t, rig) => {
  writeFileSync(join(rig.folder, 'users.json'), '{ "users": { "light1": { "hash": "secret" } } }')
  const demo = rig.start()
  t.same(await demo.ended, { code: 78, signal: null })
  t.match(demo.stderr, /users\.json: line 1: users\.light1\.hash /)
  t.notMatch(demo.stderr, /secret/)
  rig.leavesNothing(t)
})

demoTest(t, 'on a terminal it draws the panels in place, and gives the terminal back', async (t, rig) => {
  if (!needs(t, 'script')) return
  const terminal = rig.startOnTerminal()
  await terminal.prints(/light1/)
  await rig.traces.shows('light1', 'green')
  await terminal.prints(/green \d s/)
  t.match(terminal.stdout, 'light2')
  t.ok(terminal.stdout.includes(RED_CELL) && terminal.stdout.includes(GREEN_CELL), 'both colours')
  t.ok(
    terminal.stdout.match(REGION)?.some((region) => region !== '\x1b[r'),
    'the log scrolls below the picture',
  )
  rig.processes()
  // Ctrl-C, typed: the terminal makes a SIGINT of it.
  terminal.child.stdin?.write('\x03')
  t.same(await terminal.ended, { code: 0, signal: null })
  await terminal.closed
  t.equal(terminal.stdout.match(REGION)?.at(-1), '\x1b[r', 'the whole terminal scrolls again')
  rig.leavesNothing(t)
})
