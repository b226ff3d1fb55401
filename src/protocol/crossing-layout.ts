/** Whether the lights, the compatible pairs and the stages of a crossing fit each other. */

/** The part of a crossing file that says who may go when. */
export interface Layout {
  readonly lights: readonly string[]
  readonly stages: readonly { readonly name: string; readonly green: readonly string[] }[]
  readonly compatible: readonly (readonly [string, string])[]
  /** By light: where it is drawn. */
  readonly arms?: Readonly<Record<string, unknown>>
}

/** One name for a pair, whichever way round it is. Names of lights hold no space. */
export const pairOf = (pair: readonly string[]): string => pair.toSorted().join(' ')

/** What is wrong with `layout`, each in a sentence that says what to change; empty where all fits. */
export function layoutFaults(layout: Layout): string[] {
  return [
    ...repeated(layout.lights).map(({ value, index }) => `lights[${index}] is "${value}" again: remove it`),
    ...pairFaults(layout),
    ...stageFaults(layout),
    ...unserved(layout),
    ...Object.keys(layout.arms ?? {})
      .filter((light) => !layout.lights.includes(light))
      .map((light) => `arms names "${light}", which is not in lights: correct the name, or remove it`),
  ]
}

function pairFaults({ lights, compatible }: Layout): string[] {
  return [
    ...compatible.flatMap((pair, index) => [
      ...unknown(pair, lights, `compatible[${index}]`),
      ...(pair[0] === pair[1] ? [`compatible[${index}] pairs "${pair[0]}" with itself: remove it`] : []),
    ]),
    ...repeated(compatible.map(pairOf)).map(
      ({ value, index }) => `compatible[${index}] names ${value.split(' ').join(' and ')} again: remove it`,
    ),
  ]
}

function stageFaults({ lights, stages, compatible }: Layout): string[] {
  const pairs = new Set(compatible.map(pairOf))
  const names = repeated(stages.map(({ name }) => name)).map(
    ({ value, index }) => `stages[${index}].name is "${value}" again: give each stage a name of its own`,
  )
  const greens = stages.flatMap(({ name, green }, index) => {
    const field = `stages[${index}].green`
    const known = [...new Set(green)].filter((light) => lights.includes(light))
    const conflicts = known.flatMap((a, at) =>
      known
        .slice(at + 1)
        .filter((b) => !pairs.has(pairOf([a, b])))
        .map(
          (b) =>
            `${field} ("${name}") holds "${a}" and "${b}", which conflict: move one of them to another stage or, ` +
            `where their traffic never meets, add ["${a}", "${b}"] to compatible`,
        ),
    )
    return [
      ...unknown(green, lights, field),
      ...repeated(green).map(({ value, index: at }) => `${field}[${at}] is "${value}" again: remove it`),
      ...conflicts,
    ]
  })
  return [...names, ...greens]
}

function unserved({ lights, stages }: Layout): string[] {
  const served = new Set(stages.flatMap(({ green }) => green))
  return [...new Set(lights)]
    .filter((light) => !served.has(light))
    .map((light) => `lights names "${light}", which is green in no stage: add it to one, or remove it from lights`)
}

const unknown = (names: readonly string[], lights: readonly string[], field: string): string[] =>
  names.flatMap((name, index) =>
    lights.includes(name)
      ? []
      : [`${field}[${index}] is "${name}", which is not in lights: correct the name, or add it to lights`],
  )

const repeated = (values: readonly string[]): { value: string; index: number }[] =>
  values.flatMap((value, index) => (values.indexOf(value) < index ? [{ value, index }] : []))
