/** What goes wrong: each fault by its name, made somewhere for a while. */
import { type Crossing, parseCrossing } from '../protocol/crossing.ts'
import { MODES, type Mode } from '../protocol/mode.ts'
import { crossingTopic } from '../protocol/topics.ts'
import { changeSides, freeze, freezeWhileGreen, keepAway, lie, miss, slowClock, startAll } from './faults/attacks.ts'
import { awhile, type Fault, type Scene } from './faults/fault.ts'
import {
  blockWays,
  cut,
  horizons,
  mute,
  ofControllers,
  ofLights,
  onLink,
  replay,
  restartBroker,
  stall,
  up,
} from './faults/network-faults.ts'
import type { SeededRandom } from './random.ts'
import type { SimulatedController } from './simulated-controller.ts'
import type { SimulatedLight } from './simulated-light.ts'

export type { Scene } from './faults/fault.ts'

const onLight =
  (strike: (light: SimulatedLight, random: SeededRandom) => void): Fault =>
  (scene) => {
    strike(scene.random.pick(scene.lights), scene.random)
    return undefined
  }

const onController =
  (strike: (controller: SimulatedController, random: SeededRandom) => void): Fault =>
  (scene) => {
    strike(scene.random.pick(scene.controllers), scene.random)
    return undefined
  }

/** A rate that any two clocks may have within rho of each other. */
export function allowedRate(random: SeededRandom, rho: number): number {
  const excess = random.chance(0.6) ? random.pick([-1, 1]) : random.between(-1, 1)
  return 1 + excess * (rho / 2) * (1 - rho)
}

const changeRate: Fault = ({ world, random, lights, controllers }) => {
  const rate = allowedRate(random, world.crossing.constants.rho)
  if (random.chance(0.3)) random.pick(controllers).clock.setRate(rate)
  else random.pick(lights).setRate(rate)
  return undefined
}

/** A suspend that is too long to be taken for a late timer. */
const sleepMs = (scene: Scene): number => {
  const { lateMs } = scene.world.crossing.constants
  return scene.random.between(lateMs * 1.2, scene.random.pick([1000, 5000, 30_000]))
}

const restartStandby: Fault = ({ controllers, random }) => {
  const standbys = controllers.filter(({ state }) => state?.run === null)
  if (standbys.length > 0) random.pick(standbys).crash(random.between(100, 5000))
  return undefined
}

/** A controller that is busy for less than it may be without a light being missed. */
const hesitate: Fault = ({ world, random, controllers }) => {
  const { staleMs, heartbeatMs } = world.crossing.constants
  random.pick(controllers).stop(random.between(0.2, 0.9) * (staleMs - 2 * heartbeatMs))
  return undefined
}

/** An operator asks for a mode, as `crossing mode` does. */
export function operate({ world }: Pick<Scene, 'world'>, mode: Mode): void {
  const { network, crossing } = world
  const topic = crossingTopic(crossing.name, 'mode')
  network.retained.set(topic, mode)
  for (const to of network.controllers) network.deliver({ to, topic, payload: Buffer.from(mode) })
}

export const FAULTS = {
  'light cut': onLink(ofLights, cut, up),
  'light stalls': stall(ofLights),
  'light mute': onLink(
    ofLights,
    (_, link) => mute(link),
    (_, link) => {
      link.isMute = false
    },
  ),
  'light deaf': onLink(
    ofLights,
    (_, link) => {
      link.isDeaf = true
    },
    (_, link) => {
      link.isDeaf = false
    },
  ),
  'ways blocked': blockWays(0.4),
  'way blocked': blockWays('one'),
  'way blocked briefly': blockWays('one', 2000),
  'controller cut': onLink(ofControllers, cut, up),
  'controller stalls': stall(ofControllers),
  'broker restarts': restartBroker,
  replays: replay,
  'lamp stops': onLight((light, random) =>
    light.stop(random.chance(0.5) ? random.between(20, 250) : random.between(200, 8000)),
  ),
  'lamp crashes': onLight((light) => light.crash()),
  'lamp restarts': onLight((light, random) => light.crash(random.between(10, 200))),
  'lamp restarts at once': onLight((light) => light.crash(1)),
  'light process stops': onLight((light, random) => light.stopProcess(awhile(random))),
  'light process crashes': onLight((light, random) => light.crashProcess(random.between(50, 3000))),
  'machine starts anew': onLight((light, random) => light.reboot(random.between(5000, 20_000))),
  'light sleeps': (scene) => {
    scene.random.pick(scene.lights).suspend(sleepMs(scene))
    return undefined
  },
  'light wall steps': onLight((light, random) => light.stepWall(random.between(-60_000, 60_000))),
  'controller crashes': onController((controller, random) => controller.crash(random.between(50, 5000))),
  'controller dies while sending': onController((controller) => controller.dieWhileSending()),
  'controller stops': onController((controller, random) => controller.stop(awhile(random))),
  'controller stops before sending': onController((controller, random) => controller.stopBeforeSending(awhile(random))),
  'controller stalls a horizon': (scene) => {
    const inCharge = scene.controllers.findIndex(({ state }) => state?.plan.kind === 'running')
    const link = scene.world.network.controllers[Math.max(0, inCharge)]
    const ms = horizons(scene)
    scene.world.tell?.(`the link of ${scene.controllers[inCharge]?.name} stalls for ${ms.toFixed(0)} ms`)
    if (link !== undefined) scene.world.network.stall(link, ms)
    return undefined
  },
  'controller stops a horizon before sending': (scene) => {
    const { random, controllers } = scene
    random
      .pick(controllers.filter(({ state }) => state?.run !== null).concat(controllers))
      .stopBeforeSending(horizons(scene))
    return undefined
  },
  'controller sleeps': (scene) => {
    scene.random.pick(scene.controllers).suspend(sleepMs(scene))
    return undefined
  },
  'controller wall steps': onController((controller, random) =>
    controller.clock.stepWall(random.between(-60_000, 60_000)),
  ),
  'controller hiccup': ({ world, random, controllers }) => {
    random.pick(controllers).stop(random.between(0, 0.4) * world.crossing.constants.heartbeatMs)
    return undefined
  },
  'controller hesitates': hesitate,
  'standby restarts': restartStandby,
  'all start': startAll,
  'a light changes sides': changeSides,
  'clock changes rate': changeRate,
  mode: (scene) => {
    operate(scene, scene.random.pick(MODES))
    return undefined
  },
  'another file': onLight((light, random) => light.setFile(random.pick(['another', light.ownFile]))),
  'light missing': miss,
  'display stuck': freeze,
  'display stuck while green': freezeWhileGreen,
  'standby kept from a light': keepAway,
  'light mute for long': slowClock(mute),
  'light late for long': slowClock((link) => {
    link.lateMs = 60_000
  }),
  lie,
} as const satisfies Record<string, Fault>

export type FaultName = keyof typeof FAULTS
export const strike = (name: FaultName, scene: Scene): number | undefined => FAULTS[name](scene)

/** The same lights, of which none conflicts with any: what a controller with another file believes. */
export function withoutConflicts(crossing: Crossing): Crossing {
  const { lights, file } = crossing
  const pairs = lights.flatMap((one, index) => lights.slice(index + 1).map((other): [string, string] => [one, other]))
  const stages = [{ name: 'all', green: lights, seconds: 3 }]
  return parseCrossing({ ...file, compatible: pairs, stages }, 'another crossing file')
}
