/** A real browser with the page in it, and a crossing in this process for it to look at. */
import { existsSync } from 'node:fs'
import bcrypt from 'bcryptjs'
import { type Broker, type Crossing, startBroker } from 'mqtt-crossing'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

/** Where distributions put it. The first has no window at all: it draws the same page, and starts for half the work. */
const PLACES = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
]

/** Of everybody here. */
export const PASSWORD = 'bench'

/** Throws where the machine has none. */
export async function openBrowser(): Promise<Browser> {
  const executablePath = PLACES.find((path) => existsSync(path))
  if (executablePath === undefined) throw new Error('this needs Chromium (apt install chromium-headless-shell)')
  // The sandbox needs rights that root in a container does not have.
  return await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-dev-shm-usage'] })
}

/** A broker with the page, and a user for each role and light. */
export async function brokerFor({ name: crossing, lights }: Crossing): Promise<Broker> {
  const hash = bcrypt.hashSync(PASSWORD, 4)
  const user = (role: 'admin' | 'controller' | 'light', more: readonly string[] = []) => ({
    hash,
    roles: [{ role, crossing }],
    publish: more,
    subscribe: more,
    demo: false,
  })
  const users = new Map([
    ['visitor', user('admin', ['lab/state', 'lab/events'])],
    ['controller', user('controller')],
    ['feed', user('controller', [`crossings/${crossing}/#`, 'lab/#'])],
    ...lights.map((light) => [light, user('light')] as const),
  ])
  return await startBroker({ users, port: false, http: { port: 0 } })
}

/** The page of that broker, logged in by a key in its address. */
export async function openPage(
  browser: Browser,
  { broker, crossing, ...options }: { broker: Broker; crossing: Crossing } & BrowserContextOptions,
): Promise<Page> {
  const context = await browser.newContext(options)
  const page = await context.newPage()
  await page.goto(`${broker.httpUrl}/?crossing=${crossing.name}#key=visitor:${PASSWORD}`)
  await page.locator('.screen').waitFor()
  return page
}
