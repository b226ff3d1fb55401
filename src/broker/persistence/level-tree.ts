/** Values by topic or by topic filter, level by level, so that a look-up does not walk all. Source: MQTT 3.1.1, 4.7. */
import { levelsOf } from '../filter.ts'

interface Branch<Value> {
  readonly children: Map<string, Branch<Value>>
  value: Value | undefined
}

/**
 * A tree of topics, asked with filters, or a tree of filters, asked with topics. A wildcard that a filter begins with
 * never matches a topic that begins with `$` (4.7.2-1), and an empty level is a level like others (4.7.3).
 */
export class LevelTree<Value> {
  readonly #root: Branch<Value> = { children: new Map(), value: undefined }

  get(name: string): Value | undefined {
    let branch: Branch<Value> | undefined = this.#root
    for (const level of levelsOf(name)) branch = branch?.children.get(level)
    return branch?.value
  }

  set(name: string, value: Value): void {
    let branch = this.#root
    for (const level of levelsOf(name)) {
      const child: Branch<Value> = branch.children.get(level) ?? { children: new Map(), value: undefined }
      branch.children.set(level, child)
      branch = child
    }
    branch.value = value
  }

  delete(name: string): void {
    const path = [this.#root]
    const levels = levelsOf(name)
    for (const level of levels) {
      const child = path.at(-1)?.children.get(level)
      if (child === undefined) return
      path.push(child)
    }
    const last = path.at(-1)
    if (last !== undefined) last.value = undefined
    for (let depth = levels.length; depth > 0; depth--) {
      const branch = path[depth]
      if (branch === undefined || branch.value !== undefined || branch.children.size > 0) return
      path[depth - 1]?.children.delete(levels[depth - 1] ?? '')
    }
  }

  *values(): Iterable<Value> {
    yield* below(this.#root)
  }

  /** In a tree of filters: the values of those that match `topic`. */
  ofFiltersMatching(topic: string): readonly Value[] {
    const found: Value[] = []
    addMatching(this.#root, { levels: levelsOf(topic), isSpecial: isSpecial(topic), found }, 0)
    return found
  }

  /** In a tree of topics: the values of those that `filter` matches. */
  ofTopicsMatching(filter: string): readonly Value[] {
    const found: Value[] = []
    addMatched(this.#root, { levels: levelsOf(filter), found }, 0)
    return found
  }
}

const isSpecial = (name: string): boolean => name.startsWith('$')

function* below<Value>({ value, children }: Branch<Value>): Iterable<Value> {
  if (value !== undefined) yield value
  for (const child of children.values()) yield* below(child)
}

interface Question<Value> {
  readonly levels: readonly string[]
  readonly found: Value[]
}

function addMatching<Value>(
  branch: Branch<Value> | undefined,
  question: Question<Value> & { readonly isSpecial: boolean },
  depth: number,
): void {
  if (branch === undefined) return
  const { levels, found } = question
  const mayBeWild = depth > 0 || !question.isSpecial
  // Also where the topic has ended: `a/#` matches `a`.
  const rest = mayBeWild ? branch.children.get('#')?.value : undefined
  if (rest !== undefined) found.push(rest)
  const level = levels[depth]
  if (level === undefined) {
    if (branch.value !== undefined) found.push(branch.value)
    return
  }
  if (mayBeWild) addMatching(branch.children.get('+'), question, depth + 1)
  addMatching(branch.children.get(level), question, depth + 1)
}

function addMatched<Value>(branch: Branch<Value> | undefined, question: Question<Value>, depth: number): void {
  if (branch === undefined) return
  const { levels, found } = question
  const level = levels[depth]
  switch (level) {
    case undefined:
      if (branch.value !== undefined) found.push(branch.value)
      return
    case '#':
      if (depth > 0 && branch.value !== undefined) found.push(branch.value)
      for (const child of wildChildren(branch, depth)) found.push(...below(child))
      return
    case '+':
      for (const child of wildChildren(branch, depth)) addMatched(child, question, depth + 1)
      return
    default:
      addMatched(branch.children.get(level), question, depth + 1)
  }
}

function* wildChildren<Value>({ children }: Branch<Value>, depth: number): Iterable<Branch<Value>> {
  for (const [level, child] of children) if (depth > 0 || !isSpecial(level)) yield child
}
