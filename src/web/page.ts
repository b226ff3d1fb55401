/** The page in the browser: the one module that touches its window. */
import './jitless.ts'
import { startApp } from './app.ts'
import type { Platform } from './platform.ts'
import { crossingIn, sessionIn } from './session.ts'

/** Where this window keeps its session. */
const STORED = 'crossing-session'

const ID_BYTES = 9

/** Where nothing is to move, there is something new to see this often at most, ms. */
const STILL_MS = 100

const stillness = window.matchMedia('(prefers-reduced-motion: reduce)')

const platform: Platform = {
  brokerUrl: `${window.location.protocol === 'https:' ? 'wss' : 'ws'}://${window.location.host}/mqtt`,
  nowMs: () => performance.now(),
  after(delayMs, task) {
    const timer = window.setTimeout(task, delayMs)
    return () => window.clearTimeout(timer)
  },
  onFrames(task) {
    let frame = 0
    let timer = 0
    const onFrame = (): void => {
      frame = window.requestAnimationFrame(() => {
        task(performance.now())
        if (stillness.matches) timer = window.setTimeout(onFrame, STILL_MS)
        else onFrame()
      })
    }
    onFrame()
    return () => {
      window.cancelAnimationFrame(frame)
      window.clearTimeout(timer)
    }
  },
  randomId() {
    const bytes = window.crypto.getRandomValues(new Uint8Array(ID_BYTES))
    return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  },
  wantsStillness: () => stillness.matches,
  load: () => window.sessionStorage.getItem(STORED),
  save(text) {
    if (text === null) window.sessionStorage.removeItem(STORED)
    else window.sessionStorage.setItem(STORED, text)
  },
  show(element, title) {
    document.title = title
    document.body.replaceChildren(element)
  },
}

const given = sessionIn(window.location)
// The key stays out of the address, and so out of what is copied, bookmarked and kept as history.
if (window.location.hash !== '')
  window.history.replaceState(null, '', window.location.pathname + window.location.search)
startApp(platform, { given, crossing: crossingIn(window.location.search) })
