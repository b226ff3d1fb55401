/** How mistakes in the shape of a crossing file are told: a sentence each, for who wrote the file. */
import type * as z from 'zod'

/** Where a constant that does not belong under `constants` is set. */
const SET_ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['amberMs', 'amberSeconds'],
  ['redAmberMs', 'redAmberSeconds'],
  ['allRedMs', 'allRedSeconds'],
])

/** The mistakes that zod found in `value`, each in a sentence: field, value, what is expected. */
export const shapeFaults = (error: z.ZodError, value: unknown): string[] =>
  error.issues.flatMap((issue) => sentencesOf(issue, value))

function sentencesOf(issue: z.core.$ZodIssue, root: unknown): string[] {
  const value = valueAt(root, issue.path)
  const field = fieldOf(issue.path)
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const path = [...issue.path, key]
      const place = issue.path[0] === 'constants' ? SET_ELSEWHERE.get(key) : undefined
      const advice =
        place === undefined
          ? `there is no such field; expected ${issue.message}; remove it or correct its name`
          : `it does not belong there; set ${place}, beside constants`
      return `${fieldOf(path)} is ${shown(valueAt(root, path))}: ${advice}`
    })
  }
  // An object under `constants` is meant as the second of the two forms, so only what is wrong with that is of use.
  const [, ownForm] = issue.code === 'invalid_union' ? issue.errors : []
  if (ownForm !== undefined && typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return ownForm.flatMap((inner) => sentencesOf({ ...inner, path: [...issue.path, ...inner.path] }, root))
  }
  return [
    value === undefined
      ? `${field} is missing: expected ${issue.message}`
      : `${field} is ${shown(value)}: expected ${issue.message}`,
  ]
}

function fieldOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'the content'
  return path
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${printable(String(key))}`))
    .join('')
    .replace(/^\./, '')
}

const valueAt = (root: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>((value, key) => Reflect.get(Object(value), key), root)

/** A value for a message: short, on one line, and never the inside of a list or object, which may be nested deep. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object' && value !== null) return 'an object'
  return typeof value === 'string' ? `"${printable(value)}"` : String(value)
}

const SHOWN_CHARACTERS_MAX = 80

/** Escapes as JSON does what would not be seen, or would move the cursor of a terminal. */
function printable(text: string): string {
  const escaped = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  const safe = text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => character.split('').map(escaped).join(''))
  return safe.length > SHOWN_CHARACTERS_MAX ? `${safe.slice(0, SHOWN_CHARACTERS_MAX)}…` : safe
}
