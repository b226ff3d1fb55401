/** What a light says on its `aspect` topic, as others read it there: the truth, soon after it is connected. */
import { lightTopic } from '../protocol/topics.ts'
import type { SimulatedLight } from './simulated-light.ts'
import type { World } from './world.ts'

/** A light repeats the truth at most once a second, and looks four times a second; the rest is late timers, ms. */
const WITHIN_MS = 2000
const LOOK_MS = 100

/** Watches the topics of `lights` for the rest of an episode in which no lamp begins anew. */
export function watchTold({ timeline, network, oracle, crossing }: World, lights: readonly SimulatedLight[]): void {
  const differsSince = new Map<SimulatedLight, number>()
  const look = (): void => {
    const now = timeline.nowMs
    for (const light of lights) {
      const { sign, line } = light
      const told = network.retained.get(lightTopic(crossing.name, sign.name, 'aspect'))
      const since = differsSince.get(light) ?? now
      if (told === sign.aspect || line.client?.isConnected !== true) differsSince.delete(light)
      else differsSince.set(light, since)
      if (differsSince.has(light) && now - since > WITHIN_MS)
        oracle.report('told', `${sign.name} shows ${sign.aspect} and says ${told ?? 'nothing'}`)
    }
    timeline.after(LOOK_MS, look)
  }
  look()
}
