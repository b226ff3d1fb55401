/**
 * Who may do what. It refuses by default: a role stands for a short list of topic filters, a user may have explicit
 * ones besides, and whatever none of them covers is refused.
 */
import { crossingOfAdminTopic } from '../protocol/system.ts'
import { crossingTopic, everythingOf, lightTopic, NAME_PATTERN, parseTopic } from '../protocol/topics.ts'
import type { RoleGrant, User } from './auth/users.ts'
import { covers, isFilter, isTopic, type Levels, levelsOf } from './filter.ts'

/** The filters of one user, ready for comparing. */
export interface Rights {
  readonly publish: readonly Levels[]
  readonly read: readonly Levels[]
  /** Whether it may read what the broker says of itself. */
  readonly readsSystem: boolean
  /** Crossings whose trip this user ends with a reset: it takes the role admin, whatever the filters. */
  readonly resets: readonly string[]
}

/** `subscribe` names a filter, `publish` and `receive` a topic. */
export type Action = 'publish' | 'subscribe' | 'receive'

/** The rights of a user; a light has its user's name. */
export function rightsOf(name: string, user: User): Rights {
  const roles = user.roles.map((grant) => filtersOf(name, grant))
  return {
    publish: [...roles.flatMap((role) => role.publish), ...user.publish].map(levelsOf),
    read: [...roles.flatMap((role) => role.read), ...user.subscribe].map(levelsOf),
    readsSystem: user.roles.some(({ role }) => role === 'admin'),
    resets: user.roles.filter(({ role }) => role === 'admin').map(({ crossing }) => crossing),
  }
}

/** Whether `rights` allow `action` on `topic`. A filter to subscribe to must lie within a single allowed filter. */
export function may(rights: Rights, action: Action, topic: string): boolean {
  switch (action) {
    case 'publish':
      return isTopic(topic) && !belongsToBroker(topic) && isCovered(rights.publish, topic)
    case 'subscribe':
      return (isFilter(topic) && isCovered(rights.read, topic)) || maySubscribeToSystem(rights, topic)
    case 'receive':
      return (isTopic(topic) && isCovered(rights.read, topic)) || (rights.readsSystem && isSystemTopic(topic))
  }
}

function isCovered(allowed: readonly Levels[], filter: string): boolean {
  const levels = levelsOf(filter)
  return allowed.some((wide) => covers(wide, levels))
}

/** A trip is the conflict monitor's word, and that is part of the broker: not even an explicit filter grants it. */
const belongsToBroker = (topic: string): boolean => parseTopic(topic)?.topic === 'trip'

/**
 * What the broker says of itself, named as Mosquitto does. It is for role `admin`, whose filters need not name it; no
 * other filter grants it, nor matches it: topics that begin with `$` are not matched by a leading wildcard. Source: MQTT
 * 3.1.1, 4.7.2. What else there is below `$SYS` is the broker's own, and read by nobody.
 */
const isSystemTopic = (topic: string): boolean => topic.startsWith('$SYS/broker/')

const isSystemFilter = (filter: string): boolean =>
  filter.startsWith(SYSTEM_PREFIX) && isFilter(filter.slice(SYSTEM_PREFIX.length))

const SYSTEM_PREFIX = '$SYS/'

/** Of any crossing, but for what only the admins of one are granted. */
function maySubscribeToSystem({ readsSystem, resets }: Rights, filter: string): boolean {
  const crossing = crossingOfAdminTopic(filter)
  return readsSystem && isSystemFilter(filter) && (crossing === null || resets.includes(crossing))
}

interface RoleFilters {
  readonly publish: readonly string[]
  readonly read: readonly string[]
}

function filtersOf(name: string, { role, crossing }: RoleGrant): RoleFilters {
  switch (role) {
    case 'light':
      return NAME_PATTERN.test(name) ? lightFilters(name, crossing) : { publish: [], read: [] }
    case 'controller':
      return {
        publish: [
          lightTopic(crossing, '+', 'command'),
          crossingTopic(crossing, 'plan'),
          crossingTopic(crossing, 'file'),
        ],
        read: [lightTopic(crossing, '+', 'report'), crossingTopic(crossing, 'mode'), crossingTopic(crossing, 'trip')],
      }
    case 'viewer':
      return { publish: [], read: [everythingOf(crossing)] }
    case 'admin':
      return {
        publish: [crossingTopic(crossing, 'mode'), crossingTopic(crossing, 'reset')],
        read: [everythingOf(crossing)],
      }
  }
}

const lightFilters = (name: string, crossing: string): RoleFilters => ({
  publish: [lightTopic(crossing, name, 'report'), lightTopic(crossing, name, 'aspect')],
  read: [
    lightTopic(crossing, name, 'command'),
    lightTopic(crossing, name, 'aspect'),
    crossingTopic(crossing, 'plan'),
    crossingTopic(crossing, 'mode'),
    crossingTopic(crossing, 'trip'),
  ],
})
