/** `npm run screenshots`: the main states of the page as pictures in docs/, from a real crossing in a real browser. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import {
  type Broker,
  type Crossing,
  DEMO_CROSSING,
  type Display,
  type RunningController,
  type RunningLight,
  readCrossing,
  startController,
  startLight,
} from 'mqtt-crossing'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { brokerFor, openBrowser, openPage, PASSWORD } from './browser.ts'
import { PROGRAM } from './program.ts'

const ROOT = new URL('../../', import.meta.url)
const FOLDER = fileURLToPath(new URL('docs/', ROOT))

const NO_DISPLAY: Display = { kind: 'none', show() {}, close() {} }

const WIDE: BrowserContextOptions = { viewport: { width: 1440, height: 960 }, colorScheme: 'light' }
const DARK: BrowserContextOptions = { ...WIDE, colorScheme: 'dark' }
const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  colorScheme: 'dark',
}

/** Until the diagram is full, ms. */
const FULL_MS = 33_000

interface Scene extends AsyncDisposable {
  readonly broker: Broker
  readonly crossing: Crossing
  readonly lights: readonly RunningLight[]
  readonly controller: RunningController
}

async function sceneOf(crossing: Crossing): Promise<Scene> {
  const broker = await brokerFor(crossing)
  const network = (): ReturnType<Broker['connect']> => broker.connect()
  const url = 'mqtt://in-process'
  const starts = crossing.lights.map((name) =>
    startLight({ name, url, password: PASSWORD, crossing, display: NO_DISPLAY }, { network }),
  )
  const lights = await Promise.all(starts)
  const controller = await startController({ url, username: 'controller', password: PASSWORD, crossing }, { network })
  return {
    broker,
    crossing,
    lights,
    controller,
    async [Symbol.asyncDispose]() {
      await controller.close()
      await Promise.all(lights.map((light) => light.kill()))
      await broker.close()
    },
  }
}

const shoot = async (page: Page, name: string): Promise<void> => {
  await page.screenshot({ path: `${FOLDER}page-${name}.png`, fullPage: true })
  process.stdout.write(`docs/page-${name}.png\n`)
}

/** Its words alone stand on the page twice: for who reads, and for who is read to. */
const saysWhy = (page: Page, reason: RegExp): Promise<void> =>
  page.locator('.why').filter({ hasText: reason }).waitFor()

/** Running, on all screens; then held, a light gone, and the broker away. */
async function shootDemo(browser: Browser): Promise<void> {
  await using scene = await sceneOf(DEMO_CROSSING)
  const { broker, crossing } = scene
  const wide = await openPage(browser, { broker, crossing, ...WIDE })
  const phone = await openPage(browser, { broker, crossing, ...PHONE })
  await sleep(FULL_MS)
  await saysWhy(wide, /^light1 green/)
  await shoot(wide, 'running')
  await shoot(phone, 'phone')
  await wide.getByRole('button', { name: 'Hold' }).click()
  await wide.getByText('all lamps report red').waitFor()
  await shoot(wide, 'held')
  await wide.getByRole('button', { name: 'Auto' }).click()
  await saysWhy(wide, /^light1 green/)
  await scene.lights[0]?.kill()
  await saysWhy(wide, /^light1 has not been heard for [34]/)
  // A picture stands still: so that what flashes is lit in it.
  await wide.emulateMedia({ reducedMotion: 'reduce' })
  await wide.locator('.head-flashing-red:not(.is-dark)').waitFor()
  await shoot(wide, 'light-gone')
  await broker.close()
  await wide.getByText('There is no connection to the broker').waitFor()
  await shoot(wide, 'broker-away')
}

async function shootFourArms(browser: Browser): Promise<void> {
  await using scene = await sceneOf(await readCrossing(fileURLToPath(new URL('crossings/four-arm.json', ROOT))))
  const page = await openPage(browser, { ...scene, ...DARK })
  await sleep(FULL_MS)
  await saysWhy(page, /^east and west green/)
  await sleep(4000)
  await shoot(page, 'four-arm')
}

/** The page of a real demo, at which somebody breaks things. */
async function shootBreakIt(browser: Browser): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'crossing-'))
  const demo = spawn(process.execPath, [PROGRAM, 'demo'], { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = once(demo, 'exit')
  try {
    const page = await browser.newPage({ ...WIDE, reducedMotion: 'reduce' })
    await page.goto(await pageOf(demo.stderr))
    const click = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click()
    await saysWhy(page, /^light2 green/)
    await sleep(FULL_MS / 2)
    await click('kill light2')
    await page.locator('.mark-restart').first().waitFor({ state: 'attached' })
    await saysWhy(page, /^light2 green/)
    await click('start a second controller')
    await saysWhy(page, /^light1 green/)
    await click('forge a green for another boot')
    await page.locator('.events').getByText('no light took it').waitFor()
    await saysWhy(page, /^light2 green/)
    await click('cut the connection of light1')
    await saysWhy(page, /^light1 has not been heard for [23].*light2 flashes red$/)
    await page.mouse.move(0, 0)
    await shoot(page, 'break-it')
  } finally {
    demo.kill('SIGINT')
    await ended
    await rm(folder, { recursive: true })
  }
}

/** The address of its page, as a demo logs it once the broker serves it. */
async function pageOf(log: Readable): Promise<string> {
  for await (const line of createInterface({ input: log })) {
    const address = /"page":"([^"]+)"/.exec(line)?.[1]
    if (address === undefined) continue
    log.resume()
    return address
  }
  throw new Error('the demo has ended')
}

async function shootLogIn(browser: Browser): Promise<void> {
  await using broker = await brokerFor(DEMO_CROSSING)
  const page = await browser.newPage({ viewport: { width: 800, height: 600 } })
  await page.goto(`${broker.httpUrl}/`)
  await page.getByLabel('User').fill('eva')
  await page.getByLabel('Password').fill('guess')
  await page.keyboard.press('Enter')
  await page.getByText('knows no such user').waitFor()
  await shoot(page, 'log-in')
}

mkdirSync(FOLDER, { recursive: true })
const browser = await openBrowser()
try {
  await Promise.all([shootDemo(browser), shootFourArms(browser), shootBreakIt(browser), shootLogIn(browser)])
} finally {
  await browser.close()
}
