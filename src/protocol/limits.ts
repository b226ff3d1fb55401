/** Every bound on what comes from outside, with its unit and its reason. */

/** Random part of a new run: below 2^32. Source: docs/protocol.md, C4. */
export const RUN_STEP_MAX = 2 ** 32

/** The largest run that is believed: the next run, at most 2^32 above it, is still a safe integer. */
export const RUN_MAX = Number.MAX_SAFE_INTEGER - RUN_STEP_MAX - 1

/** The largest `n` that is believed: at 10,000 commands a second it is reached after 28,000 years. */
export const N_MAX = Number.MAX_SAFE_INTEGER - 1

/** Times are ms since some machine started; beyond 10,000 years a double no longer counts fractions of them. */
export const TIME_MS_MAX = 3.2e14

/** A boot is 24 hexadecimal digits; other makers of lamps may use up to this many characters. */
export const BOOT_CHARACTERS_MAX = 64

/** Payload of a report or a command, bytes: both are under 300. */
export const MESSAGE_BYTES_MAX = 1024

/** Payload of a plan, bytes: 16 lights at about 200 each, and room. */
export const PLAN_BYTES_MAX = 16 * 1024

/** A crossing file, bytes. */
export const FILE_BYTES_MAX = 64 * 1024

/** Lights of a crossing. */
export const LIGHTS_MIN = 2
export const LIGHTS_MAX = 16

/** Commands per light whose time of sending a controller remembers: over 6 s of them with the demo's heartbeat. */
export const COMMANDS_REMEMBERED = 32
