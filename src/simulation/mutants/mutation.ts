/** What a mutant is, and how one is made: by replacing entries of the tables that lamps and controllers are given. */
import type { ControllerRules } from '../../clients/controller/control-state.ts'
import type { Scene } from '../../clients/controller/gate.ts'
import type { LampRules } from '../../clients/light/lamp.ts'
import type { Constants } from '../../protocol/constants.ts'
import type { Crossing } from '../../protocol/crossing.ts'
import type { KindName } from '../kinds.ts'
import type { MachineWays, Ways } from '../ways.ts'

export interface Mutant {
  /** Name of the rule, and which half of it. */
  readonly name: string
  /** What it does instead. */
  readonly does: string
  /** The rule that keeps all safe without this one; a pair of both is caught. */
  readonly coveredBy?: string
  /** Kinds of episodes to look in. */
  readonly kinds: readonly KindName[]
  readonly change: (ways: Ways) => Ways
}

export const lamp =
  (rules: Partial<LampRules>) =>
  (ways: Ways): Ways => ({ ...ways, lamp: { ...ways.lamp, ...rules } })

export const part =
  <Part extends keyof ControllerRules>(name: Part) =>
  (rules: Partial<ControllerRules[Part]>) =>
  (ways: Ways): Ways => ({
    ...ways,
    controller: { ...ways.controller, [name]: { ...ways.controller[name], ...rules } },
  })
export const listening = part('listening')
export const charge = part('charge')
export const gate = part('gate')

export const machine =
  (changes: Partial<MachineWays>) =>
  (ways: Ways): Ways => ({
    ...ways,
    machine: { ...ways.machine, ...changes },
  })

export const withConstants = (crossing: Crossing, change: (c: Constants) => Partial<Constants>): Crossing => ({
  ...crossing,
  constants: { ...crossing.constants, ...change(crossing.constants) },
})
export const lampConstants =
  (change: (c: Constants) => Partial<Constants>) =>
  (ways: Ways): Ways => ({
    ...ways,
    lampCrossing: (crossing) => withConstants(crossing, change),
  })
export const controllerConstants =
  (change: (c: Constants) => Partial<Constants>) =>
  (ways: Ways): Ways => ({
    ...ways,
    controllerCrossing: (crossing) => withConstants(crossing, change),
  })

export const both =
  (...changes: ((ways: Ways) => Ways)[]) =>
  (ways: Ways): Ways =>
    changes.reduce((changed, change) => change(changed), ways)

/**
 * A plan that asks for what `change` says, before a gate that knows the file: what the plan never asks for has to be
 * asked for by another, or nobody would know whether the gate refuses it.
 */
export const hastyPlan =
  (change: (c: Constants) => Partial<Constants>) =>
  (ways: Ways): Ways => {
    const real = new WeakMap<Constants, Constants>()
    const knowing = (scene: Scene): Scene => ({ ...scene, constants: real.get(scene.constants) ?? scene.constants })
    const { gate } = ways.controller
    const rules: ControllerRules['gate'] = {
      ...gate,
      G2Start: (scene, span) => gate.G2Start(knowing(scene), span),
      G3: (scene, span, other) => gate.G3(knowing(scene), span, other),
      G4New: (scene, span, last) => gate.G4New(knowing(scene), span, last),
    }
    return {
      ...ways,
      controller: { ...ways.controller, gate: rules },
      controllerCrossing(crossing) {
        const hasty = withConstants(ways.controllerCrossing(crossing), change)
        real.set(hasty.constants, crossing.constants)
        return hasty
      },
    }
  }

/** The next stage begins before the last one is over. */
export const overlapping = hastyPlan(({ amberMs }) => ({ allRedMs: -amberMs - 2500 }))
/** The first stage begins at once. */
export const atOnce = hastyPlan(() => ({ allRedMs: -10_000, startRedMs: 1 }))
/** Stages are granted further ahead than a lamp takes. */
export const farAhead = hastyPlan(({ horizonMs }) => ({ horizonMs: 3 * horizonMs }))
