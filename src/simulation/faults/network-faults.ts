/** What goes wrong between lights and controllers. */
import type { Line } from '../line.ts'
import { wayOf } from '../network.ts'
import { awhile, type Fault, indexOf, type Scene } from './fault.ts'

export function onLink(
  choose: (scene: Scene) => readonly Line[],
  strike: (scene: Scene, link: Line) => void,
  end: (scene: Scene, link: Line) => void,
): Fault {
  return (scene) => {
    const links = choose(scene)
    const index = indexOf(scene, links)
    const link = links[index]
    if (link === undefined) return undefined
    const ms = awhile(scene.random)
    scene.world.tell?.(`the link of ${link.name} is struck for ${ms.toFixed(0)} ms`)
    strike(scene, link)
    scene.later(ms, () => end(scene, link))
    return undefined
  }
}

export const ofLights = (scene: Scene): readonly Line[] => scene.world.network.lights
export const ofControllers = (scene: Scene): readonly Line[] => scene.world.network.controllers

export const up = (scene: Scene, link: Line): void => scene.world.network.up(link)
export const cut = (scene: Scene, link: Line): void => scene.world.network.cut(link)

/** Stalls end by their own time, since what they hold has to be delivered. */
export const stall =
  (choose: (scene: Scene) => readonly Line[]): Fault =>
  (scene) => {
    const ms = awhile(scene.random)
    scene.world.network.stall(scene.random.pick(choose(scene)), ms)
    scene.world.tell?.(`a link stalls for ${ms.toFixed(0)} ms`)
    return undefined
  }
/** Until what was granted is over and another has taken charge, or thereabouts, ms. */
export function horizons({ world, random }: Scene): number {
  const { horizonMs, staleMs } = world.crossing.constants
  return random.chance(0.7)
    ? horizonMs + random.between(0.2, 1.2) * staleMs
    : random.between(0.3, 2) * (horizonMs + staleMs)
}
/** Cuts single ways between lights and controllers, each with chance `share`. */
export const blockWays =
  (share: number | 'one', msMax?: number): Fault =>
  ({ world, random, later }) => {
    const { lights, controllers } = world.network
    const ways = controllers.flatMap((controller) =>
      lights.flatMap((light) => [wayOf(controller, light), wayOf(light, controller)]),
    )
    const blocked = share === 'one' ? [random.pick(ways)] : ways.filter(() => random.chance(share))
    const ms = msMax === undefined ? awhile(random) : random.between(50, msMax)
    world.tell?.(`ways are cut for ${ms.toFixed(0)} ms: ${blocked.join(' ')}`)
    for (const way of blocked) {
      world.network.blocked.add(way)
      later(ms, () => world.network.blocked.delete(way))
    }
    return undefined
  }

export const restartBroker: Fault = (scene) => {
  const { world, random, later } = scene
  world.tell?.('the broker restarts')
  const downMs = awhile(random)
  world.network.restart()
  for (const link of world.network.lines) {
    world.network.cut(link)
    later(downMs + random.between(100, 1000), () => up(scene, link))
  }
  return undefined
}

export const replay: Fault = ({ world, random, later }) => {
  const count = random.whole(1, 60)
  world.tell?.(`${count} old messages are sent again`)
  const gapMs = random.between(0, 50)
  for (let i = 0; i < count; i++) later(i * gapMs, () => world.network.replay())
  return undefined
}
export const mute = (link: Line): void => {
  link.isMute = true
}
