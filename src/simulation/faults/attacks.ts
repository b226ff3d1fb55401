/** Faults that are aimed: each makes a chain of events that chance alone would hardly ever make. */
import { isNonRed, lightTime } from '../../protocol/aspect.ts'
import { encodeCommand, parseReport } from '../../protocol/messages.ts'
import { lightTopic } from '../../protocol/topics.ts'
import { cycleMs, greenWithinMs } from '../health.ts'
import type { Line } from '../line.ts'
import { wayOf } from '../network.ts'
import { type Fault, indexOf } from './fault.ts'
import { up } from './network-faults.ts'

export const startAll: Fault = ({ world, random, lights, controllers }) => {
  world.tell?.('everything starts at once')
  for (const light of lights) light.crash(random.between(0, 300))
  for (const controller of controllers) controller.crash(random.between(0, 600))
  return undefined
}

/**
 * Two controllers take charge together, but what the second sends comes late. The first is kept from one light, and is
 * deaf when the lights change sides; that light starts anew just when it can be reached again.
 */
export const changeSides: Fault = ({ world, random, later, lights, controllers }) => {
  const { network, tell } = world
  const [x, y] = random.shuffled([...controllers.keys()])
  const b = random.whole(0, lights.length - 1)
  const late = y === undefined ? undefined : network.controllers[y]
  const [lineX, lineB] = [network.controllers[x ?? 0], network.lights[b]]
  if (x === undefined || late === undefined || lineX === undefined || lineB === undefined) return undefined
  tell?.(`everything starts at once; ${controllers[x]?.name} is kept from ${lights[b]?.sign.name}`)
  for (const light of lights) light.crash(1)
  for (const controller of controllers) controller.crash(400)
  const toB = wayOf(lineX, lineB)
  const fromLights = network.lights.map((line) => wayOf(line, lineX))
  network.blocked.clear()
  network.blocked.add(toB)
  late.lateMs = 1000
  const deafMs = random.between(700, 1300)
  const bornMs = deafMs + random.between(50, random.pick([500, 1500, 8000]))
  later(deafMs, () => {
    late.lateMs = 0
    for (const way of fromLights) network.blocked.add(way)
  })
  later(bornMs, () => {
    lights[b]?.crash(1)
    network.blocked.delete(toB)
    network.blocked.delete(wayOf(lineB, lineX))
  })
  const overMs = bornMs + 3000
  later(overMs, () => {
    for (const way of fromLights) network.blocked.delete(way)
  })
  return overMs
}

/** A light is gone for as long as it takes until all others flash. */
export const miss: Fault = (scene) => {
  const { world, later, lights } = scene
  const { staleMs, horizonMs, lateMs, heartbeatMs } = world.crossing.constants
  const missing = indexOf(scene, lights)
  const link = world.network.lights[missing]
  if (link === undefined) return undefined
  world.network.cut(link)
  world.tell?.(`${lights[missing]?.sign.name} is missing`)
  const ms = 2 * staleMs + horizonMs + lateMs + 2 * heartbeatMs + 100
  later(ms, () => {
    if (link.isUp) return
    const steady = lights.find(({ sign }, index) => index !== missing && sign.aspect !== 'flashing-red')
    if (steady !== undefined) world.oracle.report('flashing', `${steady.sign.name} shows ${steady.sign.aspect}`)
    up(scene, link)
  })
  return ms + 3 * staleMs + horizonMs
}

export const freeze: Fault = ({ random, lights }) => {
  const ms = random.between(2000, 30_000)
  random.pick(lights).freeze(ms)
  return ms
}

/** Near the end of its green: whoever is next is granted soon, and nobody can tell yet. */
export const freezeWhileGreen: Fault = ({ world, random, later, lights }) => {
  const { timeline, crossing } = world
  const light = random.pick(lights)
  const { sign } = light
  const ms = random.between(5000, 20_000)
  const triesUntilMs = timeline.nowMs + cycleMs(crossing)
  const wait = (): void => {
    const leftMs = (sign.interval?.until ?? Number.NaN) - sign.clock.monotonicMs()
    if (sign.aspect === 'green' && leftMs < crossing.constants.staleMs) {
      later(random.between(0, leftMs), () => light.freeze(ms))
    } else if (timeline.nowMs < triesUntilMs) later(50, wait)
  }
  wait()
  return cycleMs(crossing) + ms
}

/**
 * A standby has heard a light idle and is kept from it then; afterwards another light comes back. It must leave them to
 * the controller that hears both, or it captures the one that it reaches, and nobody is granted anything any more.
 */
export const keepAway: Fault = ({ world, random, later, lights, controllers }) => {
  const { network, timeline, crossing, oracle, tell } = world
  const [standby] = random.shuffled(network.controllers)
  const [far, gone] = random.shuffled(network.lights)
  if (standby === undefined || far === undefined || gone === undefined) return undefined
  const { staleMs } = crossing.constants
  const ways = [wayOf(standby, far), wayOf(far, standby)]
  tell?.(`controllers start anew; ${gone.name} is missing, ${standby.name} will be kept from ${far.name}`)
  network.cut(gone)
  for (const controller of controllers) controller.crash(random.between(50, 500))
  const keptMs = 2.5 * staleMs + 1000
  later(keptMs, () => {
    for (const way of ways) network.blocked.add(way)
  })
  const backMs = keptMs + 1.5 * staleMs
  later(backMs, () => {
    network.up(gone)
    tell?.(`${gone.name} is back`)
  })
  const withinMs = greenWithinMs(crossing)
  later(backMs + withinMs, () => {
    for (const way of ways) network.blocked.delete(way)
    const { nowMs } = timeline
    const missing = lights.find(({ sign }) => nowMs - sign.greenAtMs > withinMs)
    if (missing !== undefined) oracle.report('liveness', `${missing.sign.name} was not green, though one hears all`)
  })
  return backMs + withinMs
}

/** Its clock goes slow by more than rho, while its reports are lost, or come very late. */
export const slowClock =
  (strike: (link: Line) => void): Fault =>
  (scene) => {
    const { world, random, later, lights } = scene
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
    later(ms, () => {
      light.setRate(1)
      link.isMute = false
      link.lateMs = 0
    })
    return ms + 10_000
  }
/** A command that a controller in its right mind never sends, to the boot that the light has. */
export const lie: Fault = (scene) => {
  const { world, random, lights, reports } = scene
  const light = random.pick(lights)
  const report = parseReport(Buffer.from(reports.get(light.sign.name) ?? ''))
  if (report === null) return undefined
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
  const n = report.n + random.whole(1, 5)
  const command = encodeCommand({ boot: report.boot, run: Math.max(1, run), n, green: { from, until, red } })
  const topic = lightTopic(world.crossing.name, light.sign.name, 'command')
  world.network.deliver({ to: light.line, topic, payload: Buffer.from(command) })
  return undefined
}
