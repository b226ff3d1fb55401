/** `crossing user`: who may log in to the broker, and what they may do. */
import { type Call, type Command, wholeNumber } from '../../platform/command.ts'
import { CrossingError, failure, systemCode, usageError } from '../../platform/errors.ts'
import { type StandardIo, standardIo } from '../../platform/standard-io.ts'
import { NAME_PATTERN, NAME_RULE } from '../../protocol/topics.ts'
import { demoAccountsOf, remediesFor } from '../exposure.ts'
import { FILTER_RULE, isFilter } from '../filter.ts'
import { editUsers } from './edit-users.ts'
import { remedyForExposed } from './file-exposure.ts'
import { COST_DEFAULT, createPasswords, type Passwords, passwordFault } from './password.ts'
import {
  COST_MAX,
  COST_MIN,
  ROLE_RULE,
  ROLES,
  type Role,
  type RoleGrant,
  USER_NAME_PATTERN,
  USER_NAME_RULE,
  type User,
  type Users,
} from './users.ts'
import { readUsers } from './users-file.ts'
import { tableOf } from './users-table.ts'

const HELP = `
Usage: crossing user add NAME [--role ROLE]... [--crossing NAME] [--publish FILTER]... [--subscribe FILTER]...
       crossing user passwd NAME
       crossing user remove NAME
       crossing user list
       crossing user check

Who may log in to the broker. The password is asked for, twice and without showing it; where standard input is no
terminal it is the first line of that. A running broker takes up changes at once. The file is replaced whole, keeps its
owner, and can be read by that owner alone.

  add            a new user; the file is made where it is missing
  passwd         a new password; the mark of a demo account goes
  remove         nobody logs in under this name any more; its connections are cut
  list           a table of all users and their rights
  check          whether the file is sound: exit code 0, else 78

Options
  --users FILE        the users file (default: users.json)
  --role ROLE         ${ROLE_RULE}; may be repeated. A light is named like its user
  --crossing NAME     the crossing that the roles are for (default: demo)
  --publish FILTER    topics that the user may publish to, besides; may be repeated
  --subscribe FILTER  topics that the user may read, besides; may be repeated
  --cost N            bcrypt's cost of the password's hash, ${COST_MIN} to ${COST_MAX} (default: ${COST_DEFAULT})
  --help              this text
`

/** What a subcommand works on. */
interface Work {
  readonly call: Call
  readonly io: StandardIo
  readonly passwords: () => Passwords
  readonly file: string
  /** The name given; empty for subcommands without one. */
  readonly name: string
}

interface Subcommand {
  readonly takesName: boolean
  /** The options besides --users that it knows. */
  readonly options: readonly string[]
  readonly run: (work: Work) => Promise<number>
}

/** As a shell reports a command that Ctrl-C ended. */
const INTERRUPTED = 130

interface UserCommandDependencies {
  readonly io: () => StandardIo
  readonly passwords: () => Passwords
}

/** The command, asking and answering through `io`. */
export const userCommand = ({ io, passwords }: UserCommandDependencies): Command => ({
  help: HELP,
  options: {
    users: { type: 'string' },
    role: { type: 'string', multiple: true },
    crossing: { type: 'string' },
    publish: { type: 'string', multiple: true },
    subscribe: { type: 'string', multiple: true },
    cost: { type: 'string' },
  },
  positionals: ['COMMAND', 'NAME?'],
  async run(call) {
    const [verb = '', name = ''] = call.positionals
    const subcommand = SUBCOMMANDS.get(verb)
    if (subcommand === undefined) {
      throw usageError(`unknown command '${verb}': expected add, passwd, remove, list or check`)
    }
    if (subcommand.takesName && name === '') throw usageError(`${verb}: NAME is missing`)
    if (!subcommand.takesName && name !== '') throw usageError(`${verb}: unexpected argument '${name}'`)
    for (const option of ['role', 'crossing', 'publish', 'subscribe', 'cost']) {
      if (call.option(option) !== undefined && !subcommand.options.includes(option)) {
        throw usageError(`${verb}: --${option} does not belong here`)
      }
    }
    const file = call.option('users') ?? 'users.json'
    return await subcommand.run({ call, io: io(), passwords, file, name })
  },
})

export const command: Command = userCommand({ io: () => standardIo(), passwords: () => createPasswords() })

const SUBCOMMANDS: ReadonlyMap<string, Subcommand> = new Map<string, Subcommand>([
  ['add', { takesName: true, options: ['role', 'crossing', 'publish', 'subscribe', 'cost'], run: add }],
  ['passwd', { takesName: true, options: ['cost'], run: passwd }],
  ['remove', { takesName: true, options: [], run: remove }],
  ['list', { takesName: false, options: [], run: list }],
  ['check', { takesName: false, options: [], run: check }],
])

async function add(work: Work): Promise<number> {
  const { call, io, file, name } = work
  const rights = rightsFrom(call)
  const cost = costFrom(call)
  if (!USER_NAME_PATTERN.test(name)) throw usageError(`NAME is '${name}': expected ${USER_NAME_RULE}`)
  const isLight = rights.roles.some(({ role }) => role === 'light')
  if (isLight && !NAME_PATTERN.test(name)) {
    throw usageError(`NAME is '${name}', and a light is named like its user: expected ${NAME_RULE}`)
  }
  // Before the password is asked for, and again when the file is changed.
  refuseKnown(await usersIfAny(file), file, name)
  const hash = await newHash(work, cost)
  if (hash === null) return INTERRUPTED
  await editUsers(file, 'create', (users) => {
    refuseKnown(users, file, name)
    return new Map([...users, [name, { hash, ...rights, demo: false }]])
  })
  io.print(`${file}: ${name} was added, ${inWords(rights)}`)
  if (isLight) io.print(nextCommands(name, rights.roles))
  return 0
}

async function passwd(work: Work): Promise<number> {
  const { call, io, file, name } = work
  const cost = costFrom(call)
  requireKnown(await readUsers(file), file, name)
  const hash = await newHash(work, cost)
  if (hash === null) return INTERRUPTED
  await editUsers(file, 'refuse', (users) => {
    const user = requireKnown(users, file, name)
    return new Map([...users, [name, { ...user, hash, demo: false }]])
  })
  io.print(`${file}: ${name} has a new password`)
  return 0
}

async function remove({ io, file, name }: Work): Promise<number> {
  await editUsers(file, 'refuse', (users) => {
    requireKnown(users, file, name)
    return new Map([...users].filter(([known]) => known !== name))
  })
  io.print(`${file}: ${name} was removed`)
  return 0
}

async function list({ io, file }: Work): Promise<number> {
  for (const line of tableOf(await readUsers(file))) io.print(line)
  return 0
}

async function check({ io, file }: Work): Promise<number> {
  const users = await readUsers(file)
  const demo = demoAccountsOf(users)
  if (demo.length > 0) {
    io.note(`${file}: warning: demo accounts keep the broker on this machine: ${remediesFor(demo).join('; ')}`)
  }
  const remedy = await remedyForExposed(file)
  if (remedy !== null) io.note(`${file}: warning: others on this machine can read it: ${remedy}`)
  io.print(`${file}: ${users.size} users, no mistakes`)
  return 0
}

type GivenRights = Pick<User, 'roles' | 'publish' | 'subscribe'>

function rightsFrom(call: Call): GivenRights {
  const crossing = call.option('crossing') ?? 'demo'
  if (!NAME_PATTERN.test(crossing)) throw usageError(`--crossing is '${crossing}': expected ${NAME_RULE}`)
  const filters = (option: string): readonly string[] => {
    const wrong = call.options(option).find((filter) => !isFilter(filter))
    if (wrong !== undefined) throw usageError(`--${option} is '${wrong}': expected ${FILTER_RULE}`)
    return call.options(option)
  }
  const roles = [...new Set(call.options('role'))].map((role) => ({ role: roleFrom(role), crossing }))
  return { roles, publish: filters('publish'), subscribe: filters('subscribe') }
}

function roleFrom(text: string): Role {
  const role = ROLES.find((known) => known === text)
  if (role === undefined) throw usageError(`--role is '${text}': expected ${ROLE_RULE}`)
  return role
}

const costFrom = (call: Call): number =>
  wholeNumber(call, 'cost', { min: COST_MIN, max: COST_MAX, fallback: COST_DEFAULT })

async function usersIfAny(file: string): Promise<Users> {
  try {
    return await readUsers(file)
  } catch (error) {
    if (error instanceof CrossingError && systemCode(error.cause) === 'ENOENT') return new Map()
    throw error
  }
}

function refuseKnown(users: Users, file: string, name: string): void {
  if (!users.has(name)) return
  throw failure(
    `${file}: there is a user '${name}' already: 'crossing user passwd ${name}' changes the password, ` +
      `'crossing user remove ${name}' makes room for a new one`,
  )
}

function requireKnown(users: Users, file: string, name: string): User {
  const user = users.get(name)
  if (user !== undefined) return user
  throw failure(`${file}: there is no user '${name}': 'crossing user list' shows who is`)
}

/** Asks for a new password and hashes it; null where the user gave up. */
async function newHash({ io, passwords, name }: Work, cost: number): Promise<string | null> {
  const password = await io.askSecret(`Password for ${name}: `)
  if (password === null) {
    if (io.isInteractive) return null
    throw usageError('standard input is empty: expected the password as its first line')
  }
  const fault = passwordFault(password)
  if (fault !== null) throw failure(`${fault}; nothing was changed`)
  if (io.isInteractive) {
    const again = await io.askSecret('The same again: ')
    if (again === null) return null
    if (again !== password) throw failure('the two passwords differ; nothing was changed')
  }
  await using pool = passwords()
  return await pool.hash(password, cost)
}

function inWords({ roles, publish, subscribe }: GivenRights): string {
  const parts = [
    ...roles.map(({ role, crossing }) => `${role} of ${crossing}`),
    ...publish.map((filter) => `publishes ${filter}`),
    ...subscribe.map((filter) => `reads ${filter}`),
  ]
  return parts.length === 0 ? 'who may log in and nothing else (see --role)' : parts.join(', ')
}

function nextCommands(name: string, roles: readonly RoleGrant[]): string {
  const isDemo = roles.every(({ crossing }) => crossing === 'demo')
  return [
    'On the machine of the light, the password into a file (type it, Enter, Ctrl-D), then the light:',
    `  install -m 600 /dev/stdin ${name}.password`,
    `  crossing light ${name} --url mqtt://HOST:1883 --username ${name} --password-file ${name}.password` +
      (isDemo ? '' : ' --crossing FILE'),
  ].join('\n')
}
