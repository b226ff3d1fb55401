/** Break it: the faults that the demo's supervisor offers, made and undone by a button each. */
import type { LabFault } from '../model/lab.ts'
import { html, setAttributes, setText } from './elements.ts'

export interface Lab {
  readonly element: HTMLElement
  draw(faults: readonly LabFault[], told: { readonly atMs: number; readonly nowMs: number }): void
}

interface DrawnFault {
  readonly button: HTMLButtonElement
  readonly left: HTMLElement
  fault: LabFault
}

export function createLab(send: (fault: LabFault, action: 'do' | 'undo') => void): Lab {
  const groups = html('div', { class: 'lab-groups' })
  const element = html(
    'section',
    { class: 'card lab', 'aria-labelledby': 'lab-title', hidden: true },
    html('h2', { id: 'lab-title' }, 'Break it'),
    html(
      'p',
      {},
      'These are real: processes of this demo are killed, links cut, forged messages sent. Watch what the lamps do.',
    ),
    groups,
  )
  let drawn: ReadonlyMap<string, DrawnFault> = new Map()

  const createFault = (fault: LabFault): DrawnFault => {
    const button = html('button', { type: 'button' })
    const one: DrawnFault = { button, left: html('span', { class: 'lab-left' }), fault }
    button.addEventListener('click', () => send(one.fault, one.fault.active && one.fault.undo !== null ? 'undo' : 'do'))
    return one
  }

  const rebuild = (faults: readonly LabFault[]): void => {
    drawn = new Map(faults.map((fault) => [fault.id, createFault(fault)]))
    const names = [...new Set(faults.map(({ group }) => group))]
    groups.replaceChildren(
      ...names.map((name) => {
        const own = faults.filter(({ group }) => group === name).flatMap(({ id }) => drawn.get(id) ?? [])
        const items = own.map(({ button, left }) => html('li', {}, button, left))
        return html('div', { role: 'group', 'aria-label': name }, html('h3', {}, name), html('ul', {}, ...items))
      }),
    )
  }

  return {
    element,
    draw(faults, { atMs, nowMs }) {
      setAttributes(element, { hidden: faults.length === 0 })
      if (faults.length !== drawn.size || faults.some(({ id }) => !drawn.has(id))) rebuild(faults)
      for (const fault of faults) {
        const one = drawn.get(fault.id)
        if (one === undefined) continue
        one.fault = fault
        const { label, undo, active, endsInMs } = fault
        setText(one.button, active && undo !== null ? undo : label)
        setAttributes(one.button, { class: active ? 'active' : '', disabled: active && undo === null })
        const leftMs = active && endsInMs !== null ? atMs + endsInMs - nowMs : 0
        setText(one.left, leftMs > 0 ? `undoes itself in ${Math.ceil(leftMs / 1000)} s` : '')
      }
    },
  }
}
