/** Break it: every button clicked on the page of a real demo, what it shows of it, and that the crossing runs again. */
import type { Page } from 'playwright-core'
import t, { type Test } from 'tap'
import { openBrowser, openPage } from '../fixtures/chromium.ts'
import { LIGHTS, type LightName } from '../fixtures/crossing-rig.ts'
import { type DemoRig, demoTest } from '../fixtures/demo-rig.ts'
import { needs } from '../fixtures/needs.ts'
import { PageRecord } from '../fixtures/page-record.ts'
import { isStopped, type ListedProcess, untilGone } from '../fixtures/processes.ts'
import { conflictMs, greensOf } from '../fixtures/trace-judge.ts'
import { untilTrue } from '../fixtures/waiting.ts'

t.jobs = 2

/** Looks at the processes before a button is clicked; what it gives resolves once that was really done to them. */
type Really = (rig: DemoRig) => Promise<() => Promise<void>>

/** A button, and what becomes of it. */
interface Fault {
  /** What it says; in a record `# s` stands for any seconds. */
  readonly label: string
  /** What it does, where that is something to a process; lab.test.ts says what becomes of messages. */
  readonly really?: Really
  /** What the page shows of the fault while it lasts, or what it leaves; in any order. */
  readonly shows: readonly RegExp[]
  /** What the button says that undoes it; none where only time does. */
  readonly undo?: string
  /** Which lights are green afterwards. */
  readonly runs?: readonly LightName[]
}

const otherThan = (light: LightName): LightName => (light === 'light1' ? 'light2' : 'light1')

const ends =
  (victim: (rig: DemoRig) => Promise<ListedProcess>): Really =>
  async (rig) => {
    const { pid } = await victim(rig)
    return () => untilGone([pid])
  }

const standsStill =
  (name: string): Really =>
  async (rig) => {
    const { pid } = await rig.child(name)
    return () => untilTrue(`${name} to stand still`, () => isStopped(pid))
  }

const child =
  (name: string) =>
  (rig: DemoRig): Promise<ListedProcess> =>
    rig.child(name)

const lampOf =
  (light: LightName) =>
  (rig: DemoRig): Promise<ListedProcess> =>
    rig.lamp(light)

const isController = ({ argv }: ListedProcess): boolean => argv[2] === 'controller'

const secondController: Really = async (rig) => () =>
  untilTrue('a second controller', () => rig.processes().filter(isController).length === 2)

const planStops = /^mark: stop the plan stops: /
const bothGreen = LIGHTS.map((light) => new RegExp(`^head: ${light} green`))
const nobodyHeard = LIGHTS.map((light) => new RegExp(`^head: ${light} unknown`))

/** Nothing is known of a light, and the other one flashes. */
const gone = (light: LightName): readonly RegExp[] => [
  planStops,
  new RegExp(`^head: ${light} unknown`),
  new RegExp(`^head: ${otherThan(light)} flashing-red`),
  new RegExp(`^why: ${light} has not been heard for # s: ${otherThan(light)} flashes red`),
]

/** A lamp began anew, and the plan stopped for it. */
const restarted = (light: LightName): readonly RegExp[] => [
  planStops,
  new RegExp(`^mark: restart ${light}: its lamp began anew`),
  new RegExp(`^why: (.*: waiting for .*${light}|${light} has not been heard)`),
]

const faultsOf = (light: LightName): readonly Fault[] =>
  [
    { label: `kill ${light}`, really: ends(child(light)), shows: restarted(light) },
    {
      label: `freeze ${light}`,
      really: standsStill(light),
      shows: gone(light),
      undo: `let ${light} go on`,
    },
    { label: `kill the lamp of ${light}`, really: ends(lampOf(light)), shows: restarted(light) },
    { label: `freeze the lamp of ${light}`, really: ends(lampOf(light)), shows: restarted(light) },
    {
      label: `cut the connection of ${light}`,
      shows: [...gone(light), new RegExp(`^words: ${light} not heard, # s`)],
      undo: `join the connection of ${light}`,
    },
    {
      label: `delay the messages of ${light} by 2 s each way`,
      shows: gone(light),
      undo: `carry the messages of ${light} at once`,
    },
    {
      label: `lose half of the messages of ${light}`,
      shows: [...bothGreen, new RegExp(`^words: ${light} .*, # s`)],
      undo: `carry all messages of ${light}`,
    },
  ].map((fault) => ({ ...fault, runs: [light] }))

const OF_CONTROLLER: readonly Fault[] = [
  {
    label: 'kill the controller',
    really: ends(child('controller')),
    shows: [planStops, /^mark: restart another controller took charge/],
  },
  {
    label: 'freeze the controller',
    really: standsStill('controller'),
    shows: [
      /^why: the controller has not been heard for # s: both flash red/,
      /^state: .*controller not heard/,
      ...LIGHTS.map((light) => new RegExp(`^head: ${light} flashing-red`)),
    ],
    undo: 'let the controller go on',
  },
  {
    label: 'start a second controller',
    really: secondController,
    shows: bothGreen,
    undo: 'end the second controller',
  },
]

const OF_BROKER: readonly Fault[] = [
  {
    label: 'kill the broker',
    really: ends(child('broker')),
    shows: [
      /^notice: There is no connection to the broker\. This page tries again by itself\./,
      /^why: this page has no connection to the broker/,
      /^mark: link this page lost the broker/,
      /^mark: link this page is connected/,
      /^notice: $/,
      ...nobodyHeard,
    ],
  },
  {
    label: 'freeze the broker for 5 s',
    really: standsStill('broker'),
    shows: [
      /^button: disabled active freeze the broker for # s undoes itself in # s/,
      /^why: light1 and light2 have not been heard for # s/,
      ...nobodyHeard,
    ],
  },
]

/** The crossing runs as if nothing had been sent. */
const forgery = (label: string): Fault => ({
  label,
  shows: [new RegExp(`^mark: lab ${label}: no light took it`)],
  runs: LIGHTS,
})

const OF_MESSAGES = ['forge a green as a viewer', 'forge a green for another boot', 'replay an old green'].map(forgery)

const ALL = [...LIGHTS.flatMap(faultsOf), ...OF_CONTROLLER, ...OF_BROKER, ...OF_MESSAGES]

/** A text as a pattern, with seconds as a record gives them. */
const literally = (text: string): string => text.replace(/\d+ s\b/g, '# s').replace(/[.*+?()]/g, '\\$&')

interface Watched {
  readonly rig: DemoRig
  readonly page: Page
  readonly record: PageRecord
  /** What the page did that it must not do. */
  readonly faults: readonly string[]
}

/** The page of a demo that runs, opened by the address that the demo prints. */
async function watched(t: Test, rig: DemoRig): Promise<Watched> {
  const demo = rig.startShorter()
  const { page: address } = await demo.logs('demo_started')
  const browser = await openBrowser()
  t.teardown(() => browser.close())
  const { page, faults } = await openPage(browser, new URL(`${address}`).origin)
  const record = await PageRecord.of(page)
  await demo.prints(/^light2 green$/m)
  await page.goto(`${address}`)
  await Promise.all(bothGreen.map((pattern) => record.shows(pattern, 0)))
  return { rig, page, record, faults }
}

/** Makes it, sees what it must show, undoes it, and sees the crossing run again. */
async function breaks({ rig, page, record }: Watched, { label, really, shows, undo, runs = [] }: Fault): Promise<void> {
  const isDone = await really?.(rig)
  const since = record.length
  await page.getByRole('button', { name: label, exact: true }).click()
  await isDone?.()
  const told = [new RegExp(`^mark: lab ${literally(label)} @`), ...shows]
  await Promise.all(told.map((pattern) => record.shows(pattern, since)))
  if (undo !== undefined) {
    const before = record.length
    await page.getByRole('button', { name: undo, exact: true }).click()
    await record.shows(new RegExp(`^mark: lab ${literally(undo)} @`), before)
  }
  await page.locator('.lab button:enabled:not(.active)').getByText(label, { exact: true }).waitFor()
  const over = record.length
  const again = [/^why: light[12] green, stage/, ...runs.map((light) => new RegExp(`^head: ${light} green`))]
  await Promise.all(again.map((pattern) => record.shows(pattern, over)))
}

function breakTest(name: string, own: readonly Fault[]): void {
  demoTest(t, name, async (t, rig) => {
    const scene = await watched(t, rig)
    const { page, faults } = scene
    const offered = await page.locator('.lab button').allTextContents()
    t.strictSame(
      offered,
      ALL.map(({ label }) => label),
      'every fault that is offered is tried here',
    )
    for (const fault of own) {
      try {
        await breaks(scene, fault)
      } finally {
        t.equal(conflictMs(rig.traces.frames), 0, `${fault.label}: ms with both lights non-red`)
      }
    }
    for (const light of LIGHTS) t.ok(greensOf(rig.traces.frames, light).length > 0, `${light} was green`)
    t.match(await page.locator('.watch').textContent(), /^✓ No two conflicting lights/)
    t.strictSame(faults, [], 'no error in the console, no breach of policy, no request elsewhere')
  })
}

if (needs(t, 'chromium')) {
  breakTest('light1, the controller and the broker are broken, and all is well again', [
    ...faultsOf('light1'),
    ...OF_CONTROLLER,
    ...OF_BROKER,
  ])
  breakTest('light2 and messages are broken, and all is well again', [...faultsOf('light2'), ...OF_MESSAGES])
}
