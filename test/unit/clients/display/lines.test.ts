import t from 'tap'
import { lineSplitter } from '../../../../src/clients/display/lines.ts'

const linesOf = (chunks: readonly (string | Uint8Array)[], charactersMax?: number): string[] => {
  const lines: string[] = []
  const take = lineSplitter((line) => lines.push(line), charactersMax)
  for (const chunk of chunks) take(Buffer.from(chunk))
  return lines
}

t.test('lines come out whole, however the bytes were cut', async (t) => {
  t.same(linesOf(['one\ntwo\n', 'th', 'ree', '\n\nfour']), ['one', 'two', 'three', ''])
  const euro = Buffer.from('€\n')
  t.same(linesOf([euro.subarray(0, 1), euro.subarray(1)]), ['€'])
})

t.test('a line that is too long is dropped, and the next is read', async (t) => {
  t.same(linesOf(['12345\n123456\n1234', '5\n', '1234', '56', '7890\n', 'x\n'], 5), ['12345', '12345', 'x'])
})

t.test('a line may have 1024 characters where nothing else is said', async (t) => {
  t.same(linesOf([`${'x'.repeat(1024)}\n${'y'.repeat(1025)}\n`]), ['x'.repeat(1024)])
})
