/** What goes wrong between lights and controllers. */
import { type Link, wayOf } from '../network.ts'
import { awhile, type Fault, indexOf, type Scene } from './fault.ts'

export function onLink(
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

export const ofLights = (scene: Scene): readonly Link[] => scene.world.network.lights
export const ofControllers = (scene: Scene): readonly Link[] => scene.world.network.controllers

export const up = (link: Link): void => {
  link.isUp = true
}
export const cut = (scene: Scene, link: Link): void => scene.world.network.cut(link)

/** Stalls end by their own time, since what they hold has to be delivered. */
export const stall =
  (choose: (scene: Scene) => readonly Link[]): Fault =>
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

export const restartBroker: Fault = ({ world, random }) => {
  world.tell?.('the broker restarts')
  const downMs = awhile(random)
  for (const link of [...world.network.lights, ...world.network.controllers]) {
    world.network.cut(link)
    world.timeline.after(downMs + random.between(100, 1000), () => up(link))
  }
  return undefined
}

export const replay: Fault = ({ world, random }) => {
  const count = random.whole(1, 60)
  world.tell?.(`${count} old messages are sent again`)
  const gapMs = random.between(0, 50)
  for (let i = 0; i < count; i++) world.timeline.after(i * gapMs, () => world.network.replay())
  return undefined
}
export const mute = (link: Link): void => {
  link.isMute = true
}
