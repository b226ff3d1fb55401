/** Whether the page keeps up with a large crossing, and stays as small as it was. */
import { setTimeout as sleep } from 'node:timers/promises'
import { MqttClient } from 'mqtt'
import { type Crossing, parseCrossing } from 'mqtt-crossing'
import type { Page } from 'playwright-core'
import { brokerFor, openBrowser, openPage, PASSWORD } from './browser.ts'
import { type Row, rowOf } from './figures.ts'
import type { Workbench } from './workbench.ts'

export const PAGE_MEANING =
  'The page in Chromium without a window, fed by a made-up crossing of 16 lights: the time between two frames while every ' +
  'light reports five times a second, as lamps do, and changes once a second, and while each changes ten times a second; ' +
  'from the sending of a report to the frame that shows it; and how what the page holds grows over 10,000 changes once ' +
  'its diagram is full, garbage collected.'

const LIGHTS = 16

/** Between two reports of a light. Source: the constants `demo`, heartbeatMs. */
const REPORT_MS = 200
/** As a light of a crossing with stages of 3 s changes: three times in them. */
const REPORTS_OF_AN_ASPECT = 5

/** Far more than lights do. */
const HURRIED_MS = 100

/** A frame of a screen that draws 60 a second is 16.67 ms, and Chromium's clock is as fine as 0.1 ms. */
const FRAME_MS_MAX = 17
/** Every other frame is drawn. */
const HURRIED_FRAME_MS_MAX = 34
const SHOWN_MS_MAX = 100
const GROWTH_PERCENT_MAX = 5

/** Before anything is measured, ms. */
const SETTLE_MS = 3000

/** After two minutes of them the diagram holds no more. */
const FULL = 20_000
const CHANGES = 10_000

const NAMES = Array.from({ length: LIGHTS }, (_, index) => `light${index + 1}`)

/** Its lights do not conflict, whatever the feed has them show: a page full of alarms is not what is measured. */
const CROSSING: Crossing = parseCrossing(
  {
    crossing: 'large',
    lights: NAMES,
    compatible: NAMES.flatMap((one, index) => NAMES.slice(index + 1).map((other) => [one, other])),
    stages: Array.from({ length: LIGHTS }, (_, index) => ({
      name: `${index}`,
      green: [`light${index + 1}`],
      seconds: 2,
    })),
    amberSeconds: 1,
    allRedSeconds: 0.5,
    constants: 'demo',
  },
  'the made-up crossing',
)

export async function measurePage(
  bench: Workbench,
  { seconds }: { readonly seconds: number },
): Promise<readonly Row[]> {
  await using broker = await brokerFor(CROSSING)
  const client = new MqttClient(() => broker.connect(), { username: 'feed', password: PASSWORD, reconnectPeriod: 0 })
  await new Promise<void>((resolve) => void client.once('connect', () => resolve()))
  await client.publishAsync(topicOf('file'), JSON.stringify(CROSSING.file), { qos: 1, retain: true })
  const browser = await openBrowser()
  try {
    const page = await openPage(browser, { broker, crossing: CROSSING, viewport: { width: 1440, height: 1200 } })
    bench.say(`page: ${seconds} s of ${LIGHTS} lights that change once a second`)
    const calm = startFeed(client, REPORT_MS, REPORTS_OF_AN_ASPECT)
    await sleep(SETTLE_MS)
    const calmFrames = await framesOf(page, seconds)
    calm.stop()
    bench.say(`page: ${seconds} s of ${LIGHTS} lights that change ${1000 / HURRIED_MS} times a second`)
    const feed = startFeed(client, HURRIED_MS, 1)
    await sleep(SETTLE_MS)
    const frames = await framesOf(page, seconds)
    const lags = await lagsOf(page, client, seconds)
    bench.say(`page: ${FULL} changes, and ${CHANGES} more`)
    await feed.until(FULL)
    const before = await sizeOf(page)
    await feed.until(FULL + CHANGES)
    const after = await sizeOf(page)
    feed.stop()
    return [
      rowOf('between two frames, ms', calmFrames, { of: 'p99', atMost: FRAME_MS_MAX }),
      rowOf('the same, ten changes a second of each light', frames, { of: 'p99', atMost: HURRIED_FRAME_MS_MAX }),
      rowOf('from a report to the frame that shows it, ms', lags, { of: 'p99', atMost: SHOWN_MS_MAX }),
      rowOf(`growth of the heap over ${CHANGES} changes, %`, [growth(before.bytes, after.bytes)], GROWTH_AIM),
      rowOf(`growth of the document over ${CHANGES} changes, %`, [growth(before.nodes, after.nodes)], GROWTH_AIM),
      rowOf('heap, MB', [after.bytes / 1e6]),
      rowOf('nodes of the document', [after.nodes]),
    ]
  } finally {
    await browser.close()
    client.end(true)
  }
}

const GROWTH_AIM = { of: 'max', atMost: GROWTH_PERCENT_MAX } as const
const growth = (before: number, after: number): number => Math.max(0, (100 * (after - before)) / before)

const topicOf = (topic: string): string => `crossings/${CROSSING.name}/${topic}`
const reportTopic = (light: string): string => topicOf(`lights/${light}/report`)

const reportOf = (boot: string, aspect: string): string => {
  const now = performance.now()
  return JSON.stringify({ file: 'f', boot, now, aspect, run: 1, n: 1, at: now })
}

interface Feed {
  /** Resolves when there were so many changes in all. */
  until(changes: number): Promise<void>
  stop(): void
}

/** Every light but the first reports once in `reportMs`, and shows something else after so many reports. */
function startFeed(client: MqttClient, reportMs: number, reportsOfAnAspect: number): Feed {
  const lights = CROSSING.lights.slice(1)
  const aspects = ['red', 'green', 'amber'] as const
  let rounds = 0
  const report = (): void => {
    for (const [index, light] of lights.entries()) {
      // Not all of them at once.
      const aspect = aspects[Math.floor((rounds + index) / reportsOfAnAspect) % aspects.length] ?? 'red'
      client.publish(reportTopic(light), reportOf('boot', aspect))
    }
    rounds += 1
  }
  const timer = setInterval(report, reportMs)
  return {
    async until(changes) {
      while ((rounds * lights.length) / reportsOfAnAspect < changes) await sleep(reportMs)
    },
    stop: () => clearInterval(timer),
  }
}

/** The times between the frames that the page was given. */
async function framesOf(page: Page, seconds: number): Promise<readonly number[]> {
  const found: unknown = await page.evaluate(`new Promise((resolve) => {
    const times = []
    const look = (now) => {
      times.push(now)
      if (now - times[0] < ${seconds * 1000}) requestAnimationFrame(look)
      else resolve(times.slice(1).map((time, index) => time - times[index]))
    }
    requestAnimationFrame(look)
  })`)
  return numbers(found)
}

/** Changes the first light again and again; both sides read the machine's wall clock. */
async function lagsOf(page: Page, client: MqttClient, seconds: number): Promise<readonly number[]> {
  await page.evaluate(`{
    window.shown = []
    const head = [...document.querySelectorAll('.head')].find((one) => one.querySelector('.head-name').textContent === 'light1')
    new MutationObserver(() => window.shown.push(Date.now())).observe(head, { attributes: true, attributeFilter: ['class'] })
  }`)
  const sent: number[] = []
  for (let index = 0; index < seconds * 4; index++) {
    sent.push(Date.now())
    client.publish(reportTopic('light1'), reportOf('boot', index % 2 === 0 ? 'green' : 'red'))
    await sleep(250)
  }
  const shown = numbers(await page.evaluate('window.shown'))
  return sent.flatMap((atMs, index) => {
    const next = sent[index + 1] ?? Number.POSITIVE_INFINITY
    const seen = shown.find((one) => one >= atMs && one < next)
    return seen === undefined ? [] : [seen - atMs]
  })
}

/** What the page holds once everything that it can do without is gone. */
async function sizeOf(page: Page): Promise<{ readonly bytes: number; readonly nodes: number }> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  const { nodes } = await session.send('Memory.getDOMCounters')
  await session.detach()
  return { bytes: usedSize, nodes }
}

const numbers = (value: unknown): readonly number[] => (Array.isArray(value) ? value.map(Number) : [])
