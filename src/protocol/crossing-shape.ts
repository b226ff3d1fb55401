/**
 * What a crossing file may hold, field by field. What the fields mean together is checked in crossing.ts. The
 * descriptions are those of crossings/crossing.schema.json, which a test compares with this.
 */
import * as z from 'zod'
import type { TimingConstants } from './constants.ts'
import { LIGHTS_MAX, LIGHTS_MIN } from './limits.ts'
import { NAME_PATTERN, NAME_RULE } from './topics.ts'

/** The shortest and the longest green, s. */
const GREEN_SECONDS = { min: 1, max: 3600 }

/** Shown to people: any characters but control, format and unassigned ones and line ends. */
const STAGE_NAME_PATTERN = /^[^\p{C}\p{Zl}\p{Zp}]{1,64}$/u

// The `error` of a field is what is expected there: crossing-mistakes.ts puts it behind the field and its value.

const string = (pattern: RegExp, error: string) => z.string({ error }).regex(pattern, { error })

const seconds = ({ min, max }: { min: number; max: number }) => {
  const error = `a number of seconds from ${min} to ${max}`
  return z.number({ error }).min(min, { error }).max(max, { error })
}

const milliseconds = ({ min, max }: { min: number; max: number }) => {
  const error = `a number of milliseconds from ${min} to ${max}`
  return z.number({ error }).min(min, { error }).max(max, { error })
}

const list = <Item extends z.ZodType>(
  item: Item,
  { min, max, error }: { min: number; max?: number; error: string },
) => {
  const bounded = z.array(item, { error }).min(min, { error })
  return max === undefined ? bounded : bounded.max(max, { error })
}

const object = <Fields extends z.ZodRawShape>(fields: Fields, error: string) =>
  z.strictObject(fields, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? `only ${Object.keys(fields).join(', ')}` : error),
  })

const lightName = string(NAME_PATTERN, `the name of a light: ${NAME_RULE}`)

const stage = object(
  {
    name: string(STAGE_NAME_PATTERN, '1 to 64 printable characters').describe(
      'Shown to people; no two stages share one.',
    ),
    green: list(lightName, { min: 1, error: 'a list of at least one light' }).describe(
      'The lights that are green together. Each two of them must be named in `compatible`.',
    ),
    seconds: seconds(GREEN_SECONDS).describe(
      'Length of the green, s. Red and amber together, where used, comes before it.',
    ),
  },
  'a stage: { "name": …, "green": […], "seconds": … }',
)

const rhoError = 'a number above 0 and below 0.1'

const constantFields = {
  heartbeatMs: milliseconds({ min: 20, max: 60_000 }).describe(
    'Every light is commanded, and reports, this often, ms.',
  ),
  staleMs: milliseconds({ min: 60, max: 3_600_000 }).describe(
    'A light not heard for this long stops the plan; a lamp given nothing for this long flashes red, ms. More than 3 heartbeatMs.',
  ),
  horizonMs: milliseconds({ min: 500, max: 3_600_000 }).describe(
    'The furthest into the future that right of way is granted, ms. More than aheadMs, red and amber, amber and 2 heartbeatMs together.',
  ),
  rho: z
    .number({ error: rhoError })
    .gt(0, { error: rhoError })
    .lt(0.1, { error: rhoError })
    .describe('Any two clocks differ in rate by less than this. 0.002 holds clocks that NTP slews by up to 500 ppm.'),
  lateMs: milliseconds({ min: 1, max: 60_000 }).describe(
    'A display may go red this much late, ms: late timer and dead-man together. At least 200.',
  ),
  startRedMs: milliseconds({ min: 1, max: 600_000 }).describe('All red before the first stage, ms.'),
  aheadMs: milliseconds({ min: 1, max: 600_000 }).describe('A stage is granted this long before it begins, ms.'),
} satisfies Record<keyof TimingConstants, z.ZodType>

const constantsError = '"default", "demo" or an object of what differs from the default'

const ownConstants = object(
  {
    heartbeatMs: constantFields.heartbeatMs.exactOptional(),
    staleMs: constantFields.staleMs.exactOptional(),
    horizonMs: constantFields.horizonMs.exactOptional(),
    rho: constantFields.rho.exactOptional(),
    lateMs: constantFields.lateMs.exactOptional(),
    startRedMs: constantFields.startRedMs.exactOptional(),
    aheadMs: constantFields.aheadMs.exactOptional(),
  },
  constantsError,
)

const pairError = 'a pair of lights: ["a", "b"]'

/** Where a road comes from: clockwise from north, an eighth of a turn each. */
export const COMPASS = [
  'north',
  'north-east',
  'east',
  'south-east',
  'south',
  'south-west',
  'west',
  'north-west',
] as const

const armError = `${COMPASS.join(', ')}, or degrees clockwise from north, 0 to 360`
const arm = z.union([z.enum(COMPASS), z.number().min(0, { error: armError }).max(360, { error: armError })], {
  error: armError,
})
const armsError = 'an object of arms by light: { "light1": "south" }'

/** A crossing file as it is written; `z.output` has the defaults filled in. */
export const crossingShape = object(
  {
    $schema: z.string({ error: 'the address of a JSON Schema' }).exactOptional().describe('For editors; not read.'),
    crossing: string(NAME_PATTERN, `a name: ${NAME_RULE}`).describe('Name of the crossing, as in its topics.'),
    lights: list(lightName, {
      min: LIGHTS_MIN,
      max: LIGHTS_MAX,
      error: `a list of ${LIGHTS_MIN} to ${LIGHTS_MAX} names of lights`,
    }).describe('The lights. Any two of them conflict unless `compatible` names the pair.'),
    stages: list(stage, { min: 1, error: 'a list of at least one stage' }).describe(
      'The plan: the stages follow each other in this order, for ever.',
    ),
    compatible: list(z.tuple([lightName, lightName], { error: pairError }), {
      min: 0,
      error: `a list, each ${pairError}`,
    })
      .default([])
      .describe('Pairs of lights that may be green, or amber, at the same time. All others must never be.'),
    arms: z
      .record(lightName, arm, { error: armsError })
      .exactOptional()
      .describe(
        'Where the traffic of each light comes from, as the page draws it: a point of the compass or degrees clockwise from north. Not part of the digest.',
      ),
    amberSeconds: seconds({ min: 0.5, max: 60 }).describe(
      'Amber after green, s. MUTCD: 3 to 6. UK: 3. More than lateMs.',
    ),
    redAmberSeconds: seconds({ min: 0, max: 10 })
      .default(0)
      .describe('Red and amber together before green, s. UK: 2. Germany: 1. US: 0, none.'),
    allRedSeconds: seconds({ min: 0, max: 60 }).describe(
      'All red between the amber of one light and the next light that conflicts with it, s. MUTCD: up to 6. More than lateMs.',
    ),
    constants: z
      .union([z.enum(['default', 'demo']), ownConstants], { error: constantsError })
      .default('default')
      .describe(
        'What the network and the machines need: "default", "demo" (for a desk) or an object of what differs from the default.',
      ),
  },
  'an object with the fields of a crossing',
).meta({ title: 'Crossing', description: 'A crossing of mqtt-crossing: its lights, its plan and its times.' })
