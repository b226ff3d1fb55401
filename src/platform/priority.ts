/** How the processor is shared out: what must be in time comes before what may wait. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { systemCode } from './errors.ts'

/** What shows a light comes first, and then who watches over that. */
export const NICENESS = { lamp: constants.priority.PRIORITY_HIGH, guard: constants.priority.PRIORITY_ABOVE_NORMAL }

/** Linux lets who is not root set a session's niceness ten times a second, all users together, ms. */
const AGAIN_MS = 150

/**
 * Asks for this process to come before others on a busy machine. Only who may (root, CAP_SYS_NICE or a limit on `nice`
 * that allows it) is given that; elsewhere the process is one among others.
 */
export function preferSelf(niceness: number): void {
  try {
    setPriority(niceness)
    // Linux shares the processor out among sessions first (CONFIG_SCHED_AUTOGROUP), and minds niceness only within one:
    // a lamp, alone in its own, would wait for its turn behind every other session of the machine.
    if (leadsSession()) writeFileSync('/proc/self/autogroup', `${niceness}`)
    // On Linux niceness is a thread's own, and V8 collects garbage with several: who comes first would wait for who does
    // not. Last, since a thread may end meanwhile.
    for (const thread of readdirSync('/proc/self/task')) setPriority(Number(thread), niceness)
  } catch (error) {
    if (systemCode(error) === 'EAGAIN') setTimeout(preferSelf, AGAIN_MS, niceness).unref()
    // Else it is not allowed, or the kernel has no such groups.
  }
}

/** Whether this process began its session, so that the rest of it are its own children: nobody else's shell. */
function leadsSession(): boolean {
  const stat = readFileSync('/proc/self/stat', 'utf8')
  // Fields are counted after the command's name, which stands in brackets and may hold anything.
  const [, , , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return Number(session) === process.pid
}
