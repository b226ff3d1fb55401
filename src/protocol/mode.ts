/** What an operator asks of a crossing's controller. Lamps never read it. */
export const MODES = ['auto', 'hold', 'flash'] as const
export type Mode = (typeof MODES)[number]

/** Reads the payload of `mode`; null where it is garbage. A cleared topic means auto. */
export function parseMode(payload: Uint8Array): Mode | null {
  if (payload.length === 0) return 'auto'
  if (payload.length > Math.max(...MODES.map((mode) => mode.length))) return null
  const text = new TextDecoder().decode(payload)
  return MODES.find((mode) => mode === text) ?? null
}
