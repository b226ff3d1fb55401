/** Where roads, stop lines and signal heads stand, seen from above. Pure. */

/** The picture reaches this far from the middle of the crossing. */
export const REACH = 500

export interface Point {
  readonly x: number
  readonly y: number
}

/** The approach of one light. */
export interface Arm {
  readonly light: string
  /** Clockwise from north. */
  readonly degrees: number
  /** Where its signal head stands. */
  readonly head: Point
}

export interface Plan {
  readonly arms: readonly Arm[]
  /** Directions of all roads, those without a light too, in degrees. */
  readonly roads: readonly number[]
  /** Half the width of a road. */
  readonly halfWidth: number
  /** From the middle to where the roads part. */
  readonly middle: number
  /** From the middle to the stop lines. */
  readonly stopLine: number
  /** Of signal heads. */
  readonly scale: number
}

/** Roads of two lanes, as wide as still lets every one be told from its neighbours. */
const HALF_WIDTH_MAX = 74
const TURN = 360

/** Of signal heads: the largest that has room. */
const SCALES = [1.6, 1.45, 1.3, 1.15, 1, 0.85, 0.7, 0.6, 0.5, 0.42, 0.36]
const SCALE_MIN = 0.3

/** Names that say where a light stands. */
const NAMED: readonly (readonly [RegExp, number])[] = [
  [/(^|[-_])(north-?east|ne)([-_]|$)/i, 45],
  [/(^|[-_])(south-?east|se)([-_]|$)/i, 135],
  [/(^|[-_])(south-?west|sw)([-_]|$)/i, 225],
  [/(^|[-_])(north-?west|nw)([-_]|$)/i, 315],
  [/(^|[-_])(north|n)([-_]|$)/i, 0],
  [/(^|[-_])(east|e)([-_]|$)/i, 90],
  [/(^|[-_])(south|s)([-_]|$)/i, 180],
  [/(^|[-_])(west|w)([-_]|$)/i, 270],
]

/** Places every light: by the file, else by its name, else evenly around. */
export function planOf(lights: readonly string[], given: ReadonlyMap<string, number>): Plan {
  const degrees = degreesOf(lights, given)
  const through = lights.length === 2 ? degrees.map((one) => (one + TURN / 2) % TURN) : []
  const roads = [...new Set([...degrees, ...through])].sort((a, b) => a - b)
  const gap = smallestGap(roads)
  const half = (gap / 2) * (Math.PI / 180)
  const halfWidth = Math.min(HALF_WIDTH_MAX, Math.max(20, 140 * Math.tan(half)))
  const middle = Math.min(260, Math.max(halfWidth, halfWidth / Math.tan(half)))
  const plan = { roads, halfWidth, middle, stopLine: middle + 28 }
  const sizes = SCALES.map((scale) => ({ ...plan, scale, arms: armsOf(lights, degrees, { ...plan, scale }) }))
  const smallest = { ...plan, scale: SCALE_MIN, arms: armsOf(lights, degrees, { ...plan, scale: SCALE_MIN }) }
  return sizes.find(hasRoom) ?? smallest
}

type Roads = Omit<Plan, 'arms'>

function armsOf(lights: readonly string[], degrees: readonly number[], roads: Roads): readonly Arm[] {
  const beside = new Map<number, number>()
  return lights.map((light, index) => {
    const at = degrees[index] ?? 0
    const sharing = beside.get(at) ?? 0
    beside.set(at, sharing + 1)
    return { light, degrees: at, head: headAt(at, sharing, roads) }
  })
}

/** Whether every head is within the picture, and none stands on another. */
function hasRoom({ arms, scale }: Plan): boolean {
  const [width, height] = [HEAD.width * scale, HEAD.height * scale]
  const isInside = ({ head: { x, y } }: Arm): boolean =>
    Math.abs(x) + width / 2 <= REACH && Math.abs(y) + height / 2 <= REACH
  const isApart = (a: Arm, b: Arm): boolean =>
    Math.abs(a.head.x - b.head.x) >= width || Math.abs(a.head.y - b.head.y) >= height
  return arms.every((arm, index) => isInside(arm) && arms.slice(index + 1).every((other) => isApart(arm, other)))
}

/** Of two lights that may stand anywhere, one comes from below and one from the right: two roads that cross. */
const CROSSROADS = [180, 90]

function degreesOf(lights: readonly string[], given: ReadonlyMap<string, number>): readonly number[] {
  const known = lights.map((light) => given.get(light) ?? NAMED.find(([pattern]) => pattern.test(light))?.[1] ?? null)
  if (known.every((one) => one !== null)) return known
  const even = lights.map((_, index) =>
    lights.length === 2 ? (CROSSROADS[index] ?? 0) : (index * TURN) / lights.length,
  )
  if (known.every((one) => one === null)) return even
  // Some are known: the others take what places are farthest from all of those.
  const taken = known.filter((one) => one !== null)
  return known.map((one) => {
    if (one !== null) return one
    const free = freest(taken)
    taken.push(free)
    return free
  })
}

const apart = (a: number, b: number): number => Math.min(Math.abs(a - b), TURN - Math.abs(a - b))

function freest(taken: readonly number[]): number {
  const candidates = Array.from({ length: 16 }, (_, index) => (index * TURN) / 16)
  const room = (at: number): number => Math.min(...taken.map((one) => apart(one, at)))
  return candidates.reduce((best, one) => (room(one) > room(best) ? one : best))
}

function smallestGap(roads: readonly number[]): number {
  const gaps = roads.map((one, index) => apart(one, roads[(index + 1) % roads.length] ?? one)).filter((gap) => gap > 0)
  return Math.min(90, ...gaps)
}

/** A head takes about this much of the picture, its panel and its caption included. */
export const HEAD = { width: 168, height: 190 } as const

/** Between a signal head and what it stands beside. */
const MARGIN = 14

/** Beside the stop line, on the side of the lane that leads in; another one of the same arm farther out. */
function headAt(degrees: number, sharing: number, plan: Roads): Point {
  const { halfWidth, stopLine, middle, scale, roads } = plan
  const angle = (degrees * Math.PI) / 180
  const [sin, cos] = [Math.abs(Math.sin(angle)), Math.abs(Math.cos(angle))]
  // Heads stand upright whatever way the road runs: half of what one takes across the road, and along it.
  const across = ((HEAD.width * cos + HEAD.height * sin) / 2) * scale
  const along = ((HEAD.width * sin + HEAD.height * cos) / 2) * scale
  const near = roads.length <= 4 ? Math.max(middle, stopLine - 20) + along + MARGIN : outwards(plan)
  const far = near + 2 * (along + MARGIN / 2) * sharing
  return turned({ x: -(halfWidth + across + MARGIN), y: -far }, degrees)
}

/** The more roads there are, the farther out is room between two of them. */
const outwards = ({ roads, stopLine }: Roads): number => Math.min(410, stopLine + 60 + roads.length * 14)

export function turned({ x, y }: Point, degrees: number): Point {
  const angle = (degrees * Math.PI) / 180
  return { x: x * Math.cos(angle) - y * Math.sin(angle), y: x * Math.sin(angle) + y * Math.cos(angle) }
}
