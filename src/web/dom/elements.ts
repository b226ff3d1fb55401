/** Elements of the page, made and changed: only where they differ, and never from markup. */

type Attributes = Readonly<Record<string, string | number | boolean>>
type Child = Node | string

const SVG_SPACE = 'http://www.w3.org/2000/svg'

export function html<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  setAttributes(element, attributes)
  element.append(...children)
  return element
}

export function svg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Tag] {
  const element = document.createElementNS(SVG_SPACE, tag)
  setAttributes(element, attributes)
  element.append(...children)
  return element
}

/** Sets those that differ; `false` removes one, `true` is an attribute without a value. */
export function setAttributes(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false) element.removeAttribute(name)
    else if (element.getAttribute(name) !== textOf(value)) element.setAttribute(name, textOf(value))
  }
}

const textOf = (value: string | number | true): string => (value === true ? '' : String(value))

/** Writing what stands there already would cost a layout. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}
