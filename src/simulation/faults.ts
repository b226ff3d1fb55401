/** What goes wrong: each fault by its name, made somewhere for a while. */
import { isNonRed, lightTime } from '../protocol/aspect.ts'
import { type Crossing, parseCrossing } from '../protocol/crossing.ts'
import type { Report } from '../protocol/wire.ts'
import { type Link, wayOf } from './network.ts'
import type { SeededRandom } from './random.ts'
import type { SimulatedController } from './simulated-controller.ts'
import type { SimulatedLight } from './simulated-light.ts'
import type { World } from './world.ts'

/** Everything that a fault can strike. */
export interface Scene {
  readonly world: World
  readonly random: SeededRandom
  readonly lights: readonly SimulatedLight[]
  readonly controllers: readonly SimulatedController[]
  /** The newest report of each light, as anyone who reads the broker knows it. */
  readonly reports: readonly (Report | undefined)[]
}

/** Strikes; may give how long nothing else should, ms. */
type Fault = (scene: Scene) => number | undefined

/** Mostly short, sometimes long, ms. */
const awhile = (random: SeededRandom): number =>
  random.chance(0.6) ? random.between(50, 3000) : random.between(1000, random.pick([6000, 15_000, 60_000]))

const indexOf = (scene: Scene, items: readonly unknown[]): number => scene.random.whole(0, items.length - 1)

function onLink(
  choose: (scene: Scene) => readonly Link[],
  strike: (scene: Scene, link: Link) => void,
  end: (link: Link) => void,
): Fault {
  return (scene) => {
    const links = choose(scene)
    const index = indexOf(scene, links)
    const link = links[index]
    if (link === undefined) return undefined
    const ms = awhile(scene.random)
    const whose = links === scene.world.network.lights ? scene.lights[index]?.sign.name : scene.controllers[index]?.name
    scene.world.tell?.(`the link of ${whose} is struck for ${ms.toFixed(0)} ms`)
    strike(scene, link)
    scene.world.timeline.after(ms, () => end(link))
    return undefined
  }
}

const ofLights = (scene: Scene): readonly Link[] => scene.world.network.lights
const ofControllers = (scene: Scene): readonly Link[] => scene.world.network.controllers

const up = (link: Link): void => {
  link.isUp = true
}
const cut = (scene: Scene, link: Link): void => scene.world.network.cut(link)

/** Stalls end by their own time, since what they hold has to be delivered. */
const stall =
  (choose: (scene: Scene) => readonly Link[]): Fault =>
  (scene) => {
    const ms = awhile(scene.random)
    scene.world.network.stall(scene.random.pick(choose(scene)), ms)
    scene.world.tell?.(`a link stalls for ${ms.toFixed(0)} ms`)
    return undefined
  }

const onLight =
  (strike: (light: SimulatedLight, random: SeededRandom) => void): Fault =>
  (scene) => {
    strike(scene.random.pick(scene.lights), scene.random)
    return undefined
  }

/** Until what was granted is over and another has taken charge, or thereabouts, ms. */
function horizons({ world, random }: Scene): number {
  const { horizonMs, staleMs } = world.crossing.constants
  return random.chance(0.7)
    ? horizonMs + random.between(0.2, 1.2) * staleMs
    : random.between(0.3, 2) * (horizonMs + staleMs)
}

const onController =
  (strike: (controller: SimulatedController, random: SeededRandom) => void): Fault =>
  (scene) => {
    strike(scene.random.pick(scene.controllers), scene.random)
    return undefined
  }

/** Cuts single ways between lights and controllers, each with chance `share`. */
const blockWays =
  (share: number | 'one', msMax?: number): Fault =>
  ({ world, random, lights, controllers }) => {
    const ways = controllers.flatMap((_, controller) =>
      lights.flatMap((_, light) => [
        wayOf({ kind: 'command', light, controller }),
        wayOf({ kind: 'report', light, controller }),
      ]),
    )
    const blocked = share === 'one' ? [random.pick(ways)] : ways.filter(() => random.chance(share))
    const ms = msMax === undefined ? awhile(random) : random.between(50, msMax)
    world.tell?.(`ways are cut for ${ms.toFixed(0)} ms: ${blocked.join(' ')}`)
    for (const way of blocked) {
      world.network.blocked.add(way)
      world.timeline.after(ms, () => world.network.blocked.delete(way))
    }
    return undefined
  }

const restartBroker: Fault = ({ world, random }) => {
  world.tell?.('the broker restarts')
  const downMs = awhile(random)
  for (const link of [...world.network.lights, ...world.network.controllers]) {
    world.network.cut(link)
    world.timeline.after(downMs + random.between(100, 1000), () => up(link))
  }
  return undefined
}

const replay: Fault = ({ world, random }) => {
  const count = random.whole(1, 60)
  world.tell?.(`${count} old messages are sent again`)
  const gapMs = random.between(0, 50)
  for (let i = 0; i < count; i++) world.timeline.after(i * gapMs, () => world.network.replay())
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

const startAll: Fault = ({ world, random, lights, controllers }) => {
  world.tell?.('everything starts at once')
  for (const light of lights) light.crash(random.between(0, 300))
  for (const controller of controllers) controller.crash(random.between(0, 600))
  return undefined
}

/**
 * Two controllers take charge together, but what the second sends comes late. The first is kept from one light, and is
 * deaf when the lights change sides; that light starts anew just when it can be reached again.
 */
const changeSides: Fault = ({ world, random, lights, controllers }) => {
  const { timeline, network, tell } = world
  const [x, y] = random.shuffled([...controllers.keys()])
  const b = random.whole(0, lights.length - 1)
  const late = y === undefined ? undefined : network.controllers[y]
  if (x === undefined || late === undefined) return undefined
  tell?.(`everything starts at once; ${controllers[x]?.name} is kept from ${lights[b]?.sign.name}`)
  for (const light of lights) light.crash(1)
  for (const controller of controllers) controller.crash(400)
  const toB = wayOf({ kind: 'command', light: b, controller: x })
  const fromLights = lights.map((_, light) => wayOf({ kind: 'report', light, controller: x }))
  network.blocked.clear()
  network.blocked.add(toB)
  late.lateMs = 1000
  const deafMs = random.between(700, 1300)
  const bornMs = deafMs + random.between(200, random.pick([1500, 8000]))
  timeline.after(deafMs, () => {
    late.lateMs = 0
    for (const way of fromLights) network.blocked.add(way)
  })
  timeline.after(bornMs, () => {
    lights[b]?.crash(1)
    network.blocked.delete(toB)
    network.blocked.delete(wayOf({ kind: 'report', light: b, controller: x }))
  })
  const overMs = bornMs + 3000
  timeline.after(overMs, () => {
    for (const way of fromLights) network.blocked.delete(way)
  })
  return overMs
}

/** A light is gone for as long as it takes until all others flash. */
const miss: Fault = (scene) => {
  const { world, lights } = scene
  const { staleMs, horizonMs, lateMs, heartbeatMs } = world.crossing.constants
  const missing = indexOf(scene, lights)
  const link = world.network.lights[missing]
  if (link === undefined) return undefined
  world.network.cut(link)
  world.tell?.(`${lights[missing]?.sign.name} is missing`)
  const ms = 2 * staleMs + horizonMs + lateMs + 2 * heartbeatMs + 100
  world.timeline.after(ms, () => {
    if (link.isUp) return
    const steady = lights.find(({ sign }, index) => index !== missing && sign.aspect !== 'flashing-red')
    if (steady !== undefined) world.oracle.report('flashing', `${steady.sign.name} shows ${steady.sign.aspect}`)
    up(link)
  })
  return ms + 3 * staleMs + horizonMs
}

const freeze: Fault = ({ random, lights }) => {
  const ms = random.between(2000, 30_000)
  random.pick(lights).freeze(ms)
  return ms
}

/** Its clock goes slow by more than rho, while its reports are lost, or come very late. */
const slowClock =
  (strike: (link: Link) => void): Fault =>
  (scene) => {
    const { world, random, lights } = scene
    const { allRedMs, horizonMs, staleMs } = world.crossing.constants
    const index = indexOf(scene, lights)
    const link = world.network.lights[index]
    const light = lights[index]
    if (link === undefined || light === undefined) return undefined
    // What is granted while it is fresh stays safe: this is what all-red absorbs within the age of the samples.
    const excess = (0.8 * (allRedMs - 100)) / (horizonMs + staleMs + 1000)
    const ms = random.between(30_000, 120_000)
    world.tell?.(`${light.sign.name}: its clock is slow by ${(excess * 100).toFixed(1)} % for ${ms.toFixed(0)} ms`)
    light.setRate(1 - excess)
    strike(link)
    world.timeline.after(ms, () => {
      light.setRate(1)
      link.isMute = false
      link.lateMs = 0
    })
    return ms + 10_000
  }

const mute = (link: Link): void => {
  link.isMute = true
}

/** A command that a controller in its right mind never sends, to the boot that the light has. */
const lie: Fault = (scene) => {
  const { world, random, lights, reports } = scene
  const index = indexOf(scene, lights)
  const [light, report] = [lights[index], reports[index]]
  if (light === undefined || report === undefined) return undefined
  if (isNonRed(light.sign.aspect)) world.oracle.judgeHorizon(light.sign)
  const now = light.sign.clock.monotonicMs()
  const { horizonMs } = world.crossing.constants
  const farMs = random.pick([0, 0.5 * horizonMs, 0.9 * horizonMs, 3_600_000])
  const times = [now - random.between(0, 2000), now + farMs * random.between(0, 0.8) - 100, now + farMs].map(lightTime)
  // With an amber in it: how long that is, no rule of a lamp says.
  const [from, until, red] = random.chance(0.7) ? times : random.shuffled(times)
  if (from === undefined || until === undefined || red === undefined) return undefined
  const run = report.run + (random.chance(0.7) ? 0 : random.whole(1, 1000))
  world.tell?.(`a lie for ${light.sign.name}: green ${[from, until, red].map((at) => (at - now).toFixed(0)).join(' ')}`)
  light.command({
    boot: report.boot,
    run: Math.max(1, run),
    n: report.n + random.whole(1, 5),
    green: { from, until, red },
  })
  return undefined
}

export const FAULTS = {
  'light cut': onLink(ofLights, cut, up),
  'light stalls': stall(ofLights),
  'light mute': onLink(
    ofLights,
    (_, link) => mute(link),
    (link) => {
      link.isMute = false
    },
  ),
  'light deaf': onLink(
    ofLights,
    (_, link) => {
      link.isDeaf = true
    },
    (link) => {
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
  mode: onController((controller, random) => controller.mode(random.pick(['auto', 'hold', 'flash']))),
  'another file': onLight((light, random) => light.setFile(random.pick(['another', light.ownFile]))),
  'light missing': miss,
  'display stuck': freeze,
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
