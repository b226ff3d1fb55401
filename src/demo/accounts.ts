/** Accounts of one run: the demo's own processes never depend on what stands in users.json. */
import { hash } from 'bcryptjs'
import { encodeUsers, type User } from '../broker/auth/users.ts'
import { type Random, randomId } from '../platform/random.ts'
import type { Crossing } from '../protocol/crossing.ts'
import { crossingTopic, lightTopic } from '../protocol/topics.ts'
import { LAB_TOPICS } from './lab/topics.ts'

export interface Account {
  readonly username: string
  readonly password: string
}

export interface Accounts {
  readonly controller: Account
  readonly lights: ReadonlyMap<string, Account>
  /** Of who opens the page by the address that the demo prints. */
  readonly visitor: Account
  /** The demo's own, for its lab. */
  readonly supervisor: Account
  /** Of who may only look on, and tries more. */
  readonly viewer: Account
  /** All of them as the text of a users file. */
  readonly users: string
}

/** bcrypt's least: 96 random bits are not guessed, whatever a guess costs. */
const COST = 4

/** Draws accounts with the rights of the roles, spelled out, since a light's role goes by its user's name. */
export async function drawAccounts(crossing: Crossing, random: Random): Promise<Accounts> {
  const prefix = `demo-${randomId(random).slice(0, 8)}`
  const users = new Map<string, User>()
  const draw = async (suffix: string, rights: Partial<User>): Promise<Account> => {
    const account = { username: `${prefix}-${suffix}`, password: randomId(random) }
    const user = { hash: await hash(account.password, COST), roles: [], publish: [], subscribe: [], demo: false }
    users.set(account.username, { ...user, ...rights })
    return account
  }
  const controller = await draw('controller', { roles: [{ role: 'controller', crossing: crossing.name }] })
  const visitor = await draw('visitor', {
    roles: [{ role: 'admin', crossing: crossing.name }],
    publish: [LAB_TOPICS.make, LAB_TOPICS.undo],
    subscribe: [LAB_TOPICS.state, LAB_TOPICS.events],
  })
  const supervisor = await draw('supervisor', {
    publish: [LAB_TOPICS.state, LAB_TOPICS.events],
    subscribe: [LAB_TOPICS.make, LAB_TOPICS.undo],
  })
  const viewer = await draw('viewer', { roles: [{ role: 'viewer', crossing: crossing.name }] })
  const lights = new Map<string, Account>()
  for (const [index, light] of crossing.lights.entries()) {
    const account = await draw(`light-${index + 1}`, {
      publish: [lightTopic(crossing.name, light, 'report'), lightTopic(crossing.name, light, 'aspect')],
      subscribe: [
        lightTopic(crossing.name, light, 'command'),
        lightTopic(crossing.name, light, 'aspect'),
        crossingTopic(crossing.name, 'plan'),
        crossingTopic(crossing.name, 'mode'),
        crossingTopic(crossing.name, 'trip'),
      ],
    })
    lights.set(light, account)
  }
  return { controller, lights, visitor, supervisor, viewer, users: encodeUsers(users) }
}
