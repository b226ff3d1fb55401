/** What a controller tells people of its plan: the `plan` message, built from its state. Pure. */
import type { PlanLight, PlanMessage } from '../../protocol/plan-message.ts'
import { widthMs } from './clock-bounds.ts'
import { type ControllerSettings, type ControllerState, sceneOf } from './control-state.ts'
import type { Scene } from './gate.ts'
import type { LightView } from './light-view.ts'
import { changesAt, greenEndsAt, type Plan, stageName } from './plan.ts'

/**
 * Whether this controller speaks for the crossing: it is in charge, or nobody is. A standby, which hears that another's
 * commands are taken, keeps silent.
 */
export function speaks({ crossing }: ControllerSettings, { run, views }: ControllerState, t: number): boolean {
  const { staleMs } = crossing.constants
  const isCommanded = (view: LightView): boolean => t - view.heardAt <= staleMs && t < view.busyUntil
  return run !== null || ![...views.values()].some(isCommanded)
}

export function planMessage(settings: ControllerSettings, state: ControllerState, t: number): PlanMessage {
  const { crossing, rules } = settings
  const { run, mode, plan, views } = state
  const scene = sceneOf(settings, state, t)
  const changeAt = planChangesAt(settings, plan, t)
  const lights = [...views].map(([light, view]) => {
    const passes = run !== null && rules.gate.G1(scene, view)
    return [
      light,
      lightOf({ ...scene, changesAt: changesAt(crossing, plan, light, view.span, t) }, view, passes),
    ] as const
  })
  return {
    run,
    file: crossing.digest,
    mode,
    state: run === null ? 'waiting' : plan.kind,
    stage: plan.kind === 'running' && plan.current !== null ? stageName(crossing, plan.current) : null,
    changeSeconds: changeAt === null ? null : secondsOf(changeAt - t),
    waitingFor: waitingFor(settings, state, scene),
    lights: Object.fromEntries(lights),
  }
}

function lightOf(scene: Scene & { readonly changesAt: number | null }, view: LightView, passes: boolean): PlanLight {
  const { t, constants } = scene
  const width = widthMs(view.bounds, constants.rho, t)
  const differing = differingFile(view, scene)
  return {
    aspect: view.aspect,
    state: differing !== null ? 'differing' : passes ? 'fresh' : isHeard(view, scene) ? 'adopting' : 'missing',
    heardSecondsAgo: Number.isFinite(view.heardAt) ? secondsOf(t - view.heardAt) : null,
    clockBoundsMs: Number.isFinite(width) ? rounded(width) : null,
    roundTripMs: view.roundTripMs === null ? null : rounded(view.roundTripMs),
    changeSeconds: scene.changesAt === null ? null : secondsOf(scene.changesAt - t),
    ...(differing === null ? {} : { file: differing }),
  }
}

const isHeard = (view: LightView, { t, constants }: Scene): boolean => t - view.heardAt <= constants.staleMs

/** The digest that a light reports lately, where it is another and nothing else is heard of it. */
export const differingFile = (
  { differs }: LightView,
  { t, constants }: Pick<Scene, 't' | 'constants'>,
): string | null => (differs !== null && t - differs.at <= constants.staleMs ? differs.file : null)

function planChangesAt({ crossing }: ControllerSettings, plan: Plan, t: number): number | null {
  if (plan.kind !== 'running') return null
  const { current, next } = plan
  return current !== null && t < greenEndsAt(crossing, current) ? greenEndsAt(crossing, current) : next.startsAt
}

/** One sentence that says what the crossing waits for and why; null while its plan runs. */
function waitingFor(settings: ControllerSettings, state: ControllerState, scene: Scene): string | null {
  const { plan, run, views } = state
  if (plan.kind === 'running') return null
  if (state.trip !== null) return `tripped: ${state.trip}; an admin ends it with crossing reset`
  const differing = [...views].filter(([, view]) => differingFile(view, scene) !== null).map(([light]) => light)
  if (differing.length > 0) return `${differing.join(', ')}: reading another crossing file`
  const missing = [...views].filter(([, view]) => !isHeard(view, scene)).map(([light]) => light)
  if (missing.length > 0) return `${missing.join(', ')}: not heard`
  if (run === null) return 'the lights to have taken no command for a while, so that no other controller is disturbed'
  if (plan.kind === 'held') return `an operator: mode ${state.mode}`
  const { gate } = settings.rules
  const adopting = [...views].filter(([, view]) => !gate.G1(scene, view)).map(([light]) => light)
  if (adopting.length > 0) return `${adopting.join(', ')}: to answer this controller`
  return state.mode === 'flash' ? 'an operator: mode flash' : 'what was granted before to run out'
}

const secondsOf = (ms: number): number => Math.round(ms) / 1000
const rounded = (ms: number): number => Math.round(ms * 100) / 100
