/** The one line that says what is happening and what it waits for. Pure. */
import { type CrossingModel, isControlled } from '../model/crossing-model.ts'
import { type LightRecord, type Shown, shownBy } from '../model/light-record.ts'
import { ASPECT_WORDS, allOf, listed, seconds } from './words.ts'

export interface Why {
  /** What is happening, without figures that change: a reader is told when this does. */
  readonly topic: string
  /** The whole line. */
  readonly text: string
  /** The plan runs: what changes is what always changes. */
  readonly isRoutine: boolean
}

const why = (topic: string, details = ''): Why => ({ topic, text: `${topic}${details}`, isRoutine: false })
const routine = (topic: string, details = ''): Why => ({ ...why(topic, details), isRoutine: true })

export function whyOf(model: CrossingModel, nowMs: number): Why {
  const { link, trip, lights } = model
  if (!link.isUp) {
    return why(
      'this page has no connection to the broker: what the lamps show is not known',
      ` (${since(nowMs - link.sinceMs)})`,
    )
  }
  if (trip?.tripped === true) {
    return why(
      `${pictureOf(lights)}: the conflict monitor has tripped (${trip.what}), and waits for an operator's reset`,
    )
  }
  if (lights.size === 0) return why('waiting for a light or a controller to be heard')
  const missing = [...lights].filter(([, light]) => shownBy(light) === 'unknown')
  if (missing.length > 0) return whyMissing(model, missing, nowMs)
  if (!isControlled(model, nowMs)) return whyUncontrolled(model, nowMs)
  return whyControlled(model, nowMs)
}

function whyMissing(
  { lights }: CrossingModel,
  missing: readonly (readonly [string, LightRecord])[],
  nowMs: number,
): Why {
  const names = listed(missing.map(([name]) => name))
  const others = [...lights].filter(([, light]) => shownBy(light) !== 'unknown')
  const has = missing.length === 1 ? 'has' : 'have'
  const stamps = missing.flatMap(([, { stampedMs }]) => stampedMs ?? [])
  const length = stamps.length === missing.length ? ` for ${seconds(nowMs - Math.min(...stamps))}` : ' yet'
  const rest = others.length === 0 ? '' : `: ${pictureOf(new Map(others))}`
  return {
    topic: `${names} ${has} not been heard${rest}`,
    text: `${names} ${has} not been heard${length}${rest}`,
    isRoutine: false,
  }
}

function whyUncontrolled({ plan, lights }: CrossingModel, nowMs: number): Why {
  const silent = plan === null ? 'no controller has been heard' : 'the controller has not been heard'
  const length = plan === null ? ' yet' : ` for ${seconds(nowMs - plan.atMs)}`
  const picture = pictureOf(lights)
  const outcome = isRunningOut(lights) ? `${picture}, what was granted runs out` : picture
  return { topic: `${silent}: ${outcome}`, text: `${silent}${length}: ${outcome}`, isRoutine: false }
}

function whyControlled(model: CrossingModel, nowMs: number): Why {
  const { plan, lights } = model
  if (plan === null) return why(pictureOf(lights))
  const { state, waitingFor, changeSeconds } = plan.message
  const picture = pictureOf(lights)
  const leftMs = changeSeconds === null ? null : plan.atMs + changeSeconds * 1000 - nowMs
  switch (state) {
    case 'waiting':
      return why(`${picture}: nobody is in charge; waiting for ${waitingFor ?? 'the lights'}`)
    case 'held':
      return why(`${picture}: held by an operator`)
    case 'stopped':
      return why(`${picture}: waiting for ${waitingFor ?? 'the lights'}`, adoptingDetails(model))
    case 'running':
      return whyRunning(model, leftMs, nowMs)
  }
}

/** Which lights do not yet answer, and since when they are heard again. */
function adoptingDetails({ plan }: CrossingModel): string {
  const adopting = Object.entries(plan?.message.lights ?? {}).filter(([, { state }]) => state === 'adopting')
  const heard = adopting.flatMap(([name, { heardSecondsAgo }]) =>
    heardSecondsAgo === null ? [] : [`${name} was heard ${heardSecondsAgo.toFixed(1)} s ago`],
  )
  return heard.length === 0 ? '' : ` (${heard.join(', ')})`
}

function whyRunning(model: CrossingModel, leftMs: number | null, nowMs: number): Why {
  const { plan, lights, facts } = model
  const stage = plan?.message.stage ?? null
  const shown = [...lights.values()].map(shownBy)
  const left = leftMs === null ? '' : ` in ${seconds(leftMs)}`
  if (stage === null) return routine(`${pictureOf(lights)}: starting`, left)
  if (shown.every((one) => one === 'red')) {
    const next = isToCome(model, stage, nowMs) ? stage : following(facts?.stages.map(({ name }) => name) ?? [], stage)
    return routine(`all red: the crossing is cleared, then stage “${next}”`, left)
  }
  const showing = (wanted: Shown): string[] =>
    [...lights].filter(([, light]) => shownBy(light) === wanted).map(([name]) => name)
  const green = showing('green')
  if (green.length > 0)
    return routine(`${listed(green)} green, stage “${stage}”`, leftMs === null ? '' : `: amber${left}`)
  return routine(pictureOf(lights), leftMs === null ? '' : `: next green${left}`)
}

/** Whether a stage was granted, and its green is not over: while none of its lights is green, it has yet to begin. */
function isToCome({ facts, lights }: CrossingModel, stage: string, nowMs: number): boolean {
  const green = facts?.stages.find(({ name }) => name === stage)?.green ?? []
  return green.some((name) => (lights.get(name)?.intents.at(-1)?.untilMs ?? 0) > nowMs)
}

/** After the last one comes the first. */
const following = (names: readonly string[], stage: string): string =>
  names[(names.indexOf(stage) + 1) % Math.max(1, names.length)] ?? stage

const isRunningOut = (lights: ReadonlyMap<string, LightRecord>): boolean =>
  [...lights.values()].some((light) => ['green', 'amber', 'red-amber'].includes(shownBy(light)))

/** What the lamps show: `both flash`, `all red`, `light1 green, light2 red`. */
export function pictureOf(lights: ReadonlyMap<string, LightRecord>): string {
  const shown = [...lights].map(([name, light]) => ({ name, aspect: shownBy(light) }))
  const [first] = shown
  if (first === undefined) return 'no light is known'
  const { aspect } = first
  if (shown.length > 1 && shown.every((one) => one.aspect === aspect)) {
    return aspect === 'flashing-red' ? `${allOf(shown.length)} flash red` : `all ${ASPECT_WORDS[aspect]}`
  }
  const groups = new Map<Shown, string[]>()
  for (const one of shown) groups.set(one.aspect, [...(groups.get(one.aspect) ?? []), one.name])
  return [...groups].map(([one, names]) => inWords(one, names)).join(', ')
}

const inWords = (aspect: Shown, names: readonly string[]): string =>
  aspect === 'flashing-red'
    ? `${listed(names)} ${names.length === 1 ? 'flashes' : 'flash'} red`
    : `${listed(names)} ${ASPECT_WORDS[aspect]}`

const since = (ms: number): string => `for ${seconds(ms)}`
