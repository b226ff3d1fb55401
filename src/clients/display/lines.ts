/** A line longer than this is not one of ours, characters. */
const LINE_CHARACTERS_MAX = 1024

/**
 * Cuts a stream of bytes into lines. Returns what takes the bytes as they come; `onLine` gets each line without its
 * line feed. A line of over `charactersMax` (default 1024) is dropped, so that no writer can fill the memory.
 */
export function lineSplitter(
  onLine: (line: string) => void,
  charactersMax: number = LINE_CHARACTERS_MAX,
): (chunk: Uint8Array) => void {
  const utf8 = new TextDecoder()
  let begun = ''
  let overlong = false
  const append = (part: string): void => {
    overlong ||= begun.length + part.length > charactersMax
    begun = overlong ? '' : begun + part
  }
  return (chunk) => {
    const parts = utf8.decode(chunk, { stream: true }).split('\n')
    parts.forEach((part, index) => {
      append(part)
      if (index === parts.length - 1) return
      const line = begun
      const whole = !overlong
      begun = ''
      overlong = false
      if (whole) onLine(line)
    })
  }
}
