/**
 * What a light says of itself on its retained `aspect` topic, for people and other systems, and when it says nothing.
 * Pure. Never a safety input: that is between lamp and controller alone.
 *
 * The topic is shared by everything that bears the light's name: wills of connections that ended late, and another
 * light that was given the same name by mistake. So the light reads it too, and repeats the truth; but a light that is
 * not the one commanded keeps silent.
 */
import type { Aspect } from '../../protocol/aspect.ts'

/** The truth is repeated at most this often, ms. */
export const REPEAT_MS = 1000

/** Boots of its own that a light remembers: a command to one of them is late, not meant for another light. */
const OWN_BOOTS_MAX = 16

export interface LightSettings {
  readonly staleMs: number
}

/** What is said: an aspect, or that there is none to be seen. */
export type Told = Aspect | typeof OFFLINE

/** What its will says too. */
export const OFFLINE = 'offline'

export interface LightState {
  readonly connected: boolean
  /** Boots of its lamp, newest last. */
  readonly ownBoots: readonly string[]
  readonly aspect: Told | null
  /** What was last published on this connection, and when. */
  readonly published: Told | null
  readonly publishedAt: number
  /** What the topic last said; null before that. */
  readonly read: string | null
  /**
   * Whether the topic has said anything else since it was published. That it then says the truth again proves nothing: what is retained may
   * be the lie, and the truth an old message that somebody sent again.
   */
  readonly isDenied: boolean
  /** Another boot that commands have named since `since`, `at` most recently; null where none did lately. */
  readonly another: {
    readonly boot: string
    readonly since: number
    readonly at: number
    readonly told: boolean
  } | null
}

export type LightEvent =
  | { readonly kind: 'connected' | 'disconnected' | 'tick' }
  | { readonly kind: 'reported'; readonly boot: string; readonly aspect: Aspect }
  | { readonly kind: 'commanded'; readonly boot: string }
  /** Nobody can see the lamp; its next report says that somebody can again. */
  | { readonly kind: 'unseen' }
  /** Its own `aspect` topic says so. */
  | { readonly kind: 'read'; readonly text: string }

export type LightEffect =
  | { readonly kind: 'publish-aspect'; readonly aspect: Told }
  /** Another light of this name is commanded instead. */
  | { readonly kind: 'another-light'; readonly boot: string }

export const NEW_LIGHT: LightState = {
  connected: false,
  ownBoots: [],
  aspect: null,
  published: null,
  publishedAt: Number.NEGATIVE_INFINITY,
  read: null,
  isDenied: false,
  another: null,
}

export function stepLight(
  { staleMs }: LightSettings,
  before: LightState,
  event: LightEvent,
  now: number,
): readonly [LightState, readonly LightEffect[]] {
  const effects: LightEffect[] = []
  let light = forgetAnother(apply(before, event, now), staleMs, now)
  // A light that was restarted hears commands for its predecessor for a while: only what lasts is another light.
  if (light.another !== null && !light.another.told && now - light.another.since > 3 * staleMs) {
    effects.push({ kind: 'another-light', boot: light.another.boot })
    light = { ...light, another: { ...light.another, told: true } }
  }
  if (light.connected && light.aspect !== null && light.another === null && isDue(light, now)) {
    effects.push({ kind: 'publish-aspect', aspect: light.aspect })
    light = { ...light, published: light.aspect, publishedAt: now, isDenied: false }
  }
  return [light, effects]
}

function apply(light: LightState, event: LightEvent, now: number): LightState {
  switch (event.kind) {
    case 'connected':
      return {
        ...light,
        connected: true,
        published: null,
        publishedAt: Number.NEGATIVE_INFINITY,
        read: null,
        isDenied: false,
      }
    case 'disconnected':
      return { ...light, connected: false }
    case 'tick':
      return light
    case 'reported':
      return { ...light, aspect: event.aspect, ownBoots: withBoot(light.ownBoots, event.boot) }
    case 'unseen':
      return { ...light, aspect: OFFLINE }
    case 'read':
      return { ...light, read: event.text, isDenied: light.isDenied || event.text !== light.aspect }
    case 'commanded':
      return { ...light, another: commanded(light, event.boot, now) }
    default:
      throw new TypeError(`unknown event ${event satisfies never}`)
  }
}

const withBoot = (boots: readonly string[], boot: string): readonly string[] =>
  boots.includes(boot) ? boots : [...boots.slice(1 - OWN_BOOTS_MAX), boot]

function commanded(light: LightState, boot: string, now: number): LightState['another'] {
  if (boot === light.ownBoots.at(-1)) return null
  if (light.ownBoots.includes(boot)) return light.another
  // A third boot is the same trouble, and is not told again.
  return { boot, since: light.another?.since ?? now, at: now, told: light.another?.told ?? false }
}

/** Another light that is commanded no more is gone. */
function forgetAnother(light: LightState, staleMs: number, now: number): LightState {
  return light.another !== null && now - light.another.at > staleMs ? { ...light, another: null } : light
}

/** New, or another truth than the topic tells; then not more often than is fair to the broker. */
function isDue({ aspect, published, publishedAt, read, isDenied }: LightState, now: number): boolean {
  if (aspect !== published) return true
  const isFalse = isDenied || (read !== null && read !== aspect)
  return isFalse && now - publishedAt >= REPEAT_MS
}
