/** What the page shows: the log-in form, or a crossing. */
import type { Mode } from '../protocol/mode.ts'
import { crossingTopic } from '../protocol/topics.ts'
import { createLogIn, type Known } from './dom/log-in.ts'
import { createScreen } from './dom/screen.ts'
import { emptyModel, stepModel } from './model/crossing-model.ts'
import { LAB_TOPICS, type LabFault } from './model/lab.ts'
import type { Platform } from './platform.ts'
import { parseSession, type Session } from './session.ts'
import type { Wish } from './view/confirmation.ts'
import { type Watch, watchCrossing } from './watch.ts'

/** Starts with the session of the address, or with what was kept, or with the form. */
export function startApp(platform: Platform, { given, crossing }: { given: Session | null; crossing: string }): void {
  const session = given ?? parseSession(platform.load())
  if (session === null) askForSession(platform, { username: '', crossing }, '')
  else showCrossing(platform, session)
}

function askForSession(platform: Platform, known: Known, words: string): void {
  const form = createLogIn(known, (session) => showCrossing(platform, session))
  platform.show(form.element, 'Crossing: log in')
  form.say(words)
}

function showCrossing(platform: Platform, session: Session): void {
  platform.save(JSON.stringify(session))
  const { crossing, username } = session
  let model = emptyModel(platform.nowMs())
  let notice = 'Connecting to the broker…'
  let isOperator: boolean | null = null
  let lab: { readonly faults: readonly LabFault[]; readonly atMs: number } = { faults: [], atMs: 0 }

  const end = (words: string): void => {
    watch.close()
    endFrames()
    platform.save(null)
    askForSession(platform, { username: session.isKey ? '' : username, crossing }, words)
  }
  const screen = createScreen(crossing, session.isKey ? 'visitor' : username, {
    wish: (wish) => send(watch, crossing, wish),
    fault: ({ id }, action) => watch.publish(LAB_TOPICS[action], id, { retain: false }),
    leave: () => end(''),
  })
  const watch = watchCrossing(session, platform, {
    learn(event) {
      model = stepModel(model, event, platform.nowMs())
    },
    lab(faults) {
      lab = { faults, atMs: platform.nowMs() }
    },
    rights(mayAct) {
      isOperator = mayAct
    },
    notice(words) {
      notice = words
    },
    reject: end,
  })
  const endFrames = platform.onFrames((nowMs) => {
    model = stepModel(model, { kind: 'tick' }, nowMs)
    screen.draw({ model, nowMs, notice, isOperator, lab, isStill: platform.wantsStillness() })
  })
  platform.show(screen.element, `Crossing ${crossing}`)
}

function send(watch: Watch, crossing: string, wish: Wish): void {
  if (wish.kind === 'reset') return watch.publish(crossingTopic(crossing, 'reset'), 'reset', { retain: false })
  watch.publish(crossingTopic(crossing, 'mode'), wish.mode satisfies Mode, { retain: true })
}
