/** The work of the password pool, in a thread of its own: bcrypt keeps a processor busy for some 70 ms a check. */
import bcrypt from 'bcryptjs'

export type PasswordTask =
  | { readonly kind: 'hash'; readonly password: string; readonly cost: number }
  | { readonly kind: 'verify'; readonly password: string; readonly hash: string }

/** Gives the hash, or whether the password fits it. */
export function work(task: PasswordTask): string | boolean {
  switch (task.kind) {
    case 'hash':
      return bcrypt.hashSync(task.password, task.cost)
    case 'verify':
      return bcrypt.compareSync(task.password, task.hash)
  }
}
