/** How long a light keeps what it shows, by the controller's plan. Pure. */
import { type CrossingModel, isControlled } from '../model/crossing-model.ts'

/** Whole seconds, rounded up as countdown signals do; null where no change is planned or nobody says so. */
export function secondsLeftOf(model: CrossingModel, light: string, nowMs: number): number | null {
  const { plan } = model
  const changeSeconds = plan?.message.lights[light]?.changeSeconds ?? null
  if (plan === null || changeSeconds === null || !isControlled(model, nowMs)) return null
  const leftMs = plan.atMs + changeSeconds * 1000 - nowMs
  return leftMs > 0 ? Math.ceil(leftMs / 1000) : null
}
