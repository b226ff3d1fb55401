/** What stands in the middle of the crossing: what holds for all of its lights. Pure. */
import type { CrossingModel } from '../model/crossing-model.ts'
import { shownBy } from '../model/light-record.ts'

export interface Middle {
  readonly look: 'unknown' | 'tripped' | 'flash' | 'all-red' | 'stage'
  readonly title: string
  readonly subtitle: string
}

/** There is room for a short name. */
const TITLE_CHARACTERS_MAX = 9

export function middleOf({ lights, plan, trip, link }: CrossingModel, nowMs: number): Middle {
  const shown = [...lights.values()].map(shownBy)
  if (!link.isUp) return { look: 'unknown', title: 'CUT OFF', subtitle: '' }
  if (trip?.tripped === true) return { look: 'tripped', title: 'TRIPPED', subtitle: 'reset it' }
  if (shown.length === 0) return { look: 'unknown', title: '–', subtitle: '' }
  if (shown.includes('unknown')) {
    const gone = shown.filter((one) => one === 'unknown').length
    return { look: 'unknown', title: gone === shown.length ? 'NO LIGHT' : `${gone} GONE`, subtitle: '' }
  }
  if (shown.every((one) => one === 'flashing-red')) return { look: 'flash', title: 'FLASH', subtitle: '' }
  const left = plan?.message.changeSeconds ?? null
  const leftMs = plan === null || left === null ? null : plan.atMs + left * 1000 - nowMs
  const countdown = leftMs === null || leftMs < 0 ? '' : `${(leftMs / 1000).toFixed(1)} s`
  if (shown.every((one) => one === 'red')) return { look: 'all-red', title: 'ALL RED', subtitle: countdown }
  const stage = plan?.message.stage ?? ''
  return { look: 'stage', title: stage.length > TITLE_CHARACTERS_MAX ? '' : stage, subtitle: countdown }
}
