/**
 * The shape of users.json. Users are held in a Map: a user may be called `__proto__` or `constructor`, and an object
 * would have an answer for those.
 */
import * as z from 'zod'
import { type CrossingError, configurationError } from '../../platform/errors.ts'
import { jsonPlaces, lineOf } from '../../protocol/json-places.ts'
import { findJsonMistake } from '../../protocol/json-text.ts'
import { NAME_PATTERN, NAME_RULE } from '../../protocol/topics.ts'
import { FILTER_RULE, isFilter } from '../filter.ts'

export const ROLES = ['light', 'controller', 'viewer', 'admin'] as const
export type Role = (typeof ROLES)[number]
export const ROLE_RULE = 'light, controller, viewer or admin'

export interface RoleGrant {
  readonly role: Role
  readonly crossing: string
}

export interface User {
  /** bcrypt hash of the password. */
  readonly hash: string
  readonly roles: readonly RoleGrant[]
  /** Topic filters that the user may publish to, besides what the roles allow. */
  readonly publish: readonly string[]
  /** Topic filters that the user may read, besides what the roles allow. */
  readonly subscribe: readonly string[]
  /** The password is known to all the world: while this user exists the broker listens on loopback only. */
  readonly demo: boolean
}

export type Users = ReadonlyMap<string, User>

/** User names go into client ids and, of lights, into topics. */
export const USER_NAME_PATTERN = /^[A-Za-z0-9_.@-]{1,64}$/
export const USER_NAME_RULE = 'letters, digits, -, _, . and @, 1 to 64 of them'

/** bcrypt's cost: 4 is its lowest; at 15 a check takes seconds, and a higher one would only stop log-ins. */
export const COST_MIN = 4
export const COST_MAX = 15

/** Entries of one list of a user: each is compared with each message. */
const ENTRIES_MAX = 100

const HASH_PATTERN = /^\$2[aby]\$(?:0[4-9]|1[0-5])\$[./A-Za-z0-9]{53}$/

// The messages say what was expected; which field and which value are put before them where the error is made.
const list = <Entry extends z.ZodType>(entry: Entry, error: string) =>
  z
    .array(entry, { error })
    .max(ENTRIES_MAX, { error: `at most ${ENTRIES_MAX} entries` })
    .default([])

const filter = z.string({ error: FILTER_RULE }).refine(isFilter, { error: FILTER_RULE })

const HASH_RULE = `a bcrypt hash of cost ${COST_MIN} to ${COST_MAX} (crossing user passwd NAME makes one)`

const roleShape = z.strictObject(
  {
    role: z.enum(ROLES, { error: ROLE_RULE }),
    crossing: z.string({ error: NAME_RULE }).regex(NAME_PATTERN, { error: NAME_RULE }),
  },
  { error: 'an object with role and crossing' },
)

const userShape = z.strictObject(
  {
    hash: z.string({ error: HASH_RULE }).regex(HASH_PATTERN, { error: HASH_RULE }),
    roles: list(roleShape, 'a list of roles'),
    publish: list(filter, 'a list of topic filters'),
    subscribe: list(filter, 'a list of topic filters'),
    demo: z.boolean({ error: 'true or false' }).default(false),
  },
  { error: 'an object with hash and any of roles, publish, subscribe and demo' },
)

const fileShape = z.strictObject(
  // Handed on as it was parsed: zod's copy of a record drops a user called `__proto__`.
  { users: z.custom<object>(isRecord, { error: 'an object of users by name' }) },
  { error: 'an object with users' },
)

/** Reads the text of a users file. Throws configurationError with `fileName` and the line or field of a mistake. */
export function parseUsers(text: string, fileName: string): Users {
  const value = parsedJson(text, fileName)
  const source = { text, fileName }
  const file = check(fileShape, value, { ...source, path: [] })
  const users = new Map<string, User>()
  for (const [name, entry] of Object.entries(file.users)) {
    const path = ['users', name]
    if (!USER_NAME_PATTERN.test(name)) {
      throw mistake({ ...source, path }, `${pathText(path)} is no user name: expected ${USER_NAME_RULE}`)
    }
    const user = check(userShape, entry, { ...source, path })
    if (user.roles.some(({ role }) => role === 'light') && !NAME_PATTERN.test(name)) {
      const rule = `a light is named like its user: expected ${NAME_RULE}`
      throw mistake({ ...source, path }, `${pathText(path)} has the role light, and ${rule}`)
    }
    users.set(name, user)
  }
  // Looked for where a hash is left over, and not always: it takes longer than all the rest.
  if (text.match(/"hash"\s*:/g)?.length !== users.size) refuseRepetition(source)
  return users
}

/** The text of a users file: fields in one order, what is empty left out. */
export function encodeUsers(users: Users): string {
  const entries = [...users].map(([name, { hash, roles, publish, subscribe, demo }]) => [
    name,
    {
      hash,
      ...(roles.length > 0 && { roles: roles.map(({ role, crossing }) => ({ role, crossing })) }),
      ...(publish.length > 0 && { publish }),
      ...(subscribe.length > 0 && { subscribe }),
      ...(demo && { demo }),
    },
  ])
  return `${JSON.stringify({ users: Object.fromEntries(entries) }, null, 2)}\n`
}

function parsedJson(text: string, fileName: string): unknown {
  const found = findJsonMistake(text)
  if (found === null) return JSON.parse(text)
  const { line, column, expected } = found
  throw configurationError(`${fileName}: line ${line}, column ${column}: not JSON: expected ${expected}`)
}

interface Source {
  readonly text: string
  readonly fileName: string
}

interface Place extends Source {
  readonly path: readonly PropertyKey[]
}

const mistake = ({ text, fileName, path }: Place, words: string): CrossingError =>
  configurationError(`${fileName}: line ${lineOf(text, path)}: ${words}`)

/** JSON.parse takes the last of a repeated name: of two users with one name, the first would be gone in silence. */
function refuseRepetition({ text, fileName }: Source): void {
  const seen = new Set<string>()
  for (const { path, line } of jsonPlaces(text)) {
    const name = pathText(path)
    if (seen.has(name)) throw configurationError(`${fileName}: line ${line}: ${name} stands there twice: keep one`)
    seen.add(name)
  }
}

function check<Shape extends z.ZodType>(shape: Shape, value: unknown, place: Place): z.output<Shape> {
  const result = shape.safeParse(value, { reportInput: true })
  if (result.success) return result.data
  const [issue] = result.error.issues
  if (issue === undefined) throw configurationError(`${place.fileName}: unusable`)
  const path = [...place.path, ...issue.path, ...(issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [])]
  throw mistake({ ...place, path }, mistakeText(issue, path))
}

function mistakeText(issue: z.core.$ZodIssue, path: readonly PropertyKey[]): string {
  if (issue.code === 'unrecognized_keys') return `${pathText(path)} is not known here: expected ${issue.message}`
  if (issue.input === undefined) return `${pathText(path)} is missing: expected ${issue.message}`
  return `${pathText(path)} is ${valueText(path, issue.input)}: expected ${issue.message}`
}

/** A wrong value, where it cannot be a password or a hash that somebody put in the wrong place. */
function valueText(path: readonly PropertyKey[], value: unknown): string {
  if (Array.isArray(value)) return 'a list'
  if (isRecord(value)) return 'an object'
  const isWithinUser = path.length > 2 && path.at(-1) !== 'hash'
  return isWithinUser ? JSON.stringify(value).slice(0, VALUE_CHARACTERS_MAX) : 'unusable'
}

/** As much of a wrong value as a message repeats. */
const VALUE_CHARACTERS_MAX = 80

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const pathText = (path: readonly PropertyKey[]): string =>
  path.length === 0
    ? 'the file'
    : path.reduce<string>((text, key) => {
        if (typeof key === 'number') return `${text}[${key}]`
        const name = String(key)
        if (!/^[\w@.-]+$/.test(name)) return `${text}[${JSON.stringify(name)}]`
        return text === '' ? name : `${text}.${name}`
      }, '')
