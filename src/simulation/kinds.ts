/** The kinds of episodes: what goes wrong in each, how often, and what is asked of it. */
import { FAULTY_KINDS } from './kinds/faulty-kinds.ts'
import type { Kind } from './kinds/kind.ts'
import { SPECIAL_KINDS } from './kinds/special-kinds.ts'

export type { Kind } from './kinds/kind.ts'

const { calm, hiccups, ...others } = SPECIAL_KINDS

// Their order is part of what a seed means.
export const KINDS = { calm, hiccups, ...FAULTY_KINDS, ...others }

export type KindName = keyof typeof KINDS
export const KIND_NAMES = Object.keys(KINDS).filter((name): name is KindName => name in KINDS)
export const kindOf = (name: KindName): Kind => KINDS[name]
