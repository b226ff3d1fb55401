/** Processes as /proc shows them. */
import { readdirSync, readFileSync } from 'node:fs'

export interface Process {
  readonly pid: number
  readonly parent: number
  readonly argv: readonly string[]
}

/** Ticks of the CPU times in /proc/<pid>/stat in a second: USER_HZ, 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100

/** `pid` and all that came of it, parents before children. */
export function familyOf(pid: number): readonly Process[] {
  const all = readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (processAt(Number(name)) ?? []) : []))
  const family = all.filter((one) => one.pid === pid)
  // Grows while it is walked: children of children are met in their turn.
  for (const parent of family) family.push(...all.filter((one) => one.parent === parent.pid))
  return family
}

function processAt(pid: number): Process | null {
  const stat = statOf(pid)
  if (stat === null) return null
  const argv = readOrNull(`/proc/${pid}/cmdline`)?.split('\0').slice(0, -1) ?? []
  return { pid, parent: Number(stat[1]), argv }
}

/** CPU time used so far, user and system, s. Throws where the process is gone. */
export function cpuSeconds(pid: number): number {
  const stat = statOf(pid)
  if (stat === null) throw new Error(`process ${pid} is gone`)
  return (Number(stat[11]) + Number(stat[12])) / TICKS_PER_SECOND
}

/** Memory, bytes, shared pages divided among those who share them. Throws where the process is gone. */
export function pssBytes(pid: number): number {
  const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1]
  if (kilobytes === undefined) throw new Error(`/proc/${pid}/smaps_rollup has no Pss`)
  return Number(kilobytes) * 1024
}

/** The fields of proc(5) from `state` on: those before it hold a name that may contain anything. */
function statOf(pid: number): readonly string[] | null {
  const text = readOrNull(`/proc/${pid}/stat`)
  return text === null ? null : text.slice(text.lastIndexOf(')') + 2).split(' ')
}

/** Null where the process ended while it was looked at. */
function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
