/** The rules of the gate, left out or turned round one at a time. */
import { earliest, latest } from '../../clients/controller/clock-bounds.ts'
import { GATE_RULES, type Scene } from '../../clients/controller/gate.ts'
import type { LightView, Span } from '../../clients/controller/light-view.ts'
import { type Interval, lightTime } from '../../protocol/aspect.ts'
import { gate, type Mutant } from './mutation.ts'

export const GATE_MUTANTS: readonly Mutant[] = [
  {
    name: 'G1 fresh',
    does: 'a light that is not fresh passes',
    kinds: ['slow clock'],
    change: gate({ G1: (scene, view) => view.adoptedAt !== null && view.echoedSentAt >= scene.lastAdopted }),
  },
  {
    name: 'G1 since',
    does: 'an echo of before the last adoption will do',
    kinds: ['quarrels'],
    change: gate({ G1: (scene, view) => scene.isFresh(view, scene.t) && view.adoptedAt !== null }),
  },
  {
    name: 'G2 start',
    does: 'a span may start at once after the last adoption',
    kinds: ['whims'],
    change: gate({ G2Start: () => true }),
  },
  {
    name: 'G2 end',
    does: 'a span may end beyond the horizon',
    coveredBy: 'L3 horizon',
    kinds: ['whims'],
    change: gate({ G2End: () => true }),
  },
  {
    name: 'G3',
    does: 'conflicting spans may follow each other anyhow',
    kinds: ['whims'],
    change: gate({ G3: () => true }),
  },
  {
    name: 'G3 later',
    does: 'a span may reach into a conflicting one that begins later',
    kinds: ['whims'],
    change: gate({ G3: (scene, span, other) => span.a < other.a || span.a >= other.c + scene.constants.allRedMs }),
  },
  {
    name: 'G4 future',
    does: 'a new span may start in the past',
    coveredBy: 'P4',
    kinds: ['hiccups'],
    change: gate({ G4New: (scene, _span, last) => last === null || last.c + scene.constants.allRedMs <= scene.t }),
  },
  {
    name: 'G4 over',
    does: 'a new span may be sent while the last one runs',
    kinds: ['whims'],
    change: gate({ G4New: (scene, span) => span.a >= scene.t }),
  },
  {
    name: 'G4 fall',
    does: 'a span may become shorter',
    kinds: ['whims'],
    change: gate({ G4Fall: () => true }),
  },
  {
    name: 'G4 rise',
    does: 'a span may become longer at any time',
    kinds: ['storms'],
    change: gate({ G4Rise: () => true }),
  },
  {
    name: 'G5 from',
    does: 'green begins when it may be time',
    kinds: ['drift'],
    change: gate({
      G5: (scene, view, span) => ({
        ...GATE_RULES.G5(scene, view, span),
        from: earliest(view.bounds, scene.constants.rho, span.a),
      }),
    }),
  },
  {
    name: 'G5 red',
    does: 'red begins when it must be time',
    kinds: ['drift'],
    change: gate({ G5: redAtLatest }),
  },
  {
    name: 'G5 order',
    does: 'an interval without a green is sent',
    kinds: ['far'],
    change: gate({ G5Order: () => true }),
  },
]

function redAtLatest({ constants: { rho, amberMs } }: Scene, { bounds }: LightView, { a, c }: Span): Interval {
  const red = latest(bounds, rho, c)
  return { from: latest(bounds, rho, a), until: lightTime(red - amberMs), red }
}
