/** What a mutant is, and how one is made: by replacing entries of the tables that lamps and controllers are given. */
import type { ControllerRules } from '../../clients/controller/control-state.ts'
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
export const plan = part('plan')

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
