/** The users as a table, for people. */
import type { User, Users } from './users.ts'

const HEADINGS = ['USER', 'ROLES', 'PUBLISH', 'SUBSCRIBE', 'DEMO'] as const

/** The lines of the table, headings first. */
export function tableOf(users: Users): readonly string[] {
  const rows = [HEADINGS, ...[...users].map(cellsOf)]
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

const cellsOf = ([name, { roles, publish, subscribe, demo }]: [string, User]): readonly string[] => [
  name,
  listed(roles.map(({ role, crossing }) => `${role} of ${crossing}`)),
  listed(publish),
  listed(subscribe),
  demo ? 'demo' : '-',
]

const listed = (entries: readonly string[]): string => (entries.length === 0 ? '-' : entries.join(', '))
