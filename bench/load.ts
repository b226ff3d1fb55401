/** What each process of a running crossing costs. */
import { setTimeout as sleep } from 'node:timers/promises'
import { markdownOf, written } from './figures.ts'
import { cpuSeconds, pssBytes } from './processes.ts'
import { roleOf } from './roles.ts'
import type { Workbench } from './workbench.ts'

export const LOAD_MEANING = `One crossing that runs. Memory is PSS (shared pages divided among those who share them) at the end, CPU is user and system
time in per cent of one core.`

/** What a start costs is not counted, ms. */
const SETTLE_MS = 5000

/** Gives the table of processes. Throws where one did not live through it. */
export async function measureLoad(bench: Workbench, { seconds }: { readonly seconds: number }): Promise<string> {
  bench.say(`load: ${seconds} s`)
  const [demo] = await bench.startDemos(1)
  if (demo === undefined) throw new Error('no demo was started')
  await sleep(SETTLE_MS)
  const family = demo.processes()
  const before = family.map(({ pid }) => cpuSeconds(pid))
  await sleep(seconds * 1000)
  const costs = family.map((process, index) => ({
    role: roleOf(process, family),
    bytes: pssBytes(process.pid),
    cpuPercent: ((cpuSeconds(process.pid) - (before[index] ?? 0)) / seconds) * 100,
  }))
  await demo.stop()
  const total = {
    role: 'together',
    bytes: costs.reduce((sum, { bytes }) => sum + bytes, 0),
    cpuPercent: costs.reduce((sum, { cpuPercent }) => sum + cpuPercent, 0),
  }
  const rows = [...costs, total].map(({ role, bytes, cpuPercent }) => [role, written(bytes / 1e6), written(cpuPercent)])
  return markdownOf(['process', 'memory, MB', 'CPU, %'], rows)
}
