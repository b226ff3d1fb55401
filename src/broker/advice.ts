/** What is missing before a crossing can run: users for its lights and its controller. */
import type { Role, Users } from './auth/users.ts'

export interface MissingUser {
  readonly missing: string
  /** The command that makes the user. */
  readonly remedy: string
}

/** The users that `crossing` needs and `users` has not. */
export function missingUsers(
  crossing: { readonly name: string; readonly lights: readonly string[] },
  users: Users,
): readonly MissingUser[] {
  const holds = (user: string, role: Role): boolean =>
    users.get(user)?.roles.some((grant) => grant.role === role && grant.crossing === crossing.name) ?? false
  const remedy = (name: string, role: Role): string =>
    `crossing user add ${name} --role ${role} --crossing ${crossing.name}`
  const lights = crossing.lights
    .filter((light) => !holds(light, 'light'))
    .map((light) => ({ missing: `a user for the light ${light}`, remedy: remedy(light, 'light') }))
  if ([...users.keys()].some((name) => holds(name, 'controller'))) return lights
  return [...lights, { missing: 'a user for the controller', remedy: remedy('controller', 'controller') }]
}
