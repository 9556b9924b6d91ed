import iconv from 'iconv-lite'
import { describe, expect, it } from 'vitest'
import { csvFormat, readBack } from '../testing/read-back.js'
import { FileProblem } from './record-sink.js'

const columns = ['id', 'name']
const read = (text: string | Buffer, changes: Partial<typeof csvFormat> = {}, names: readonly string[] = columns) =>
  readBack(text, { ...csvFormat, ...changes }, names)
const reasons = (result: Awaited<ReturnType<typeof read>>) => result.rejects.map(([row, reason]) => [row, reason])

describe('a hostile row costs that row and no other', () => {
  it.each([
    ['too few fields', '2', 'TOO_FEW_FIELDS'],
    ['too many fields', '2,b,c', 'TOO_MANY_FIELDS'],
    ['a NUL', '2,b\0', 'NUL_CHARACTER'],
    ['an unclosed quote', '2,"b', 'UNCLOSED_QUOTE'],
    ['an unclosed quote in the first field', '"2,b', 'UNCLOSED_QUOTE'],
    ['text behind a closing quote', '2,"b" c', 'UNCLOSED_QUOTE'],
    ['a line without end', `2,${'x'.repeat(3 << 20)}`, 'TOO_LONG'],
  ])('%s', async (_what, line, reason) => {
    const result = await read(`id,name\n1,a\n${line}\n3,"c ""c"""\n4,d\n`)
    expect(result.rows).toEqual([
      ['1', 'a'],
      ['3', 'c "c"'],
      ['4', 'd'],
    ])
    expect(result.numbers).toEqual([1, 3, 4])
    expect(reasons(result)).toEqual([[2, reason]])
    expect(result.counts).toEqual({ rows: 4, readable: 3 })
  })

  it('bytes that are no UTF-8', async () => {
    const result = await read(
      Buffer.concat([Buffer.from('id,name\n1,a\n2,caf'), Buffer.from([0xe9]), Buffer.from('\n3,é\n')]),
    )
    expect(result.rows).toEqual([
      ['1', 'a'],
      ['3', 'é'],
    ])
    expect(result.rejects).toEqual([[2, 'INVALID_ENCODING', '', '2,caf\uFFFD']])
  })

  it('bytes that Windows-1252 does not define', async () => {
    const text = Buffer.concat([
      iconv.encode('id,name\n1,“é”\n2,', 'cp1252'),
      Buffer.from([0x81, 0x0a]),
      iconv.encode('3,€\n', 'cp1252'),
    ])
    const result = await read(text, { encoding: 'windows-1252' })
    expect(result.rows).toEqual([
      ['1', '“é”'],
      ['3', '€'],
    ])
    expect(reasons(result)).toEqual([[2, 'INVALID_ENCODING']])
  })

  it('a lone surrogate in UTF-16', async () => {
    const result = await read(Buffer.from('\uFEFFid,name\r\n1,ø\r\n2,\ud800\r\n3,😀\r\n', 'utf16le'), {
      encoding: 'utf-16le',
      newline: 'crlf',
    })
    expect(result.rows).toEqual([
      ['1', 'ø'],
      ['3', '😀'],
    ])
    expect(reasons(result)).toEqual([[2, 'INVALID_ENCODING']])
  })

  it('the raw row is kept, with NUL made visible', async () => {
    expect((await read('id,name\n1,a\0b\n2,b\n')).rejects).toEqual([[1, 'NUL_CHARACTER', '', '1,a␀b']])
  })
})

describe('an unclosed quote does not swallow the rows behind it', () => {
  it('when the next rows have quotes of their own', async () => {
    const result = await read('id,name\n1,"a\n2,"b"\n3,c\n4,""\n')
    expect(result.rows).toEqual([
      ['2', 'b'],
      ['3', 'c'],
      ['4', ''],
    ])
    expect(reasons(result)).toEqual([[1, 'UNCLOSED_QUOTE']])
  })

  it('when no other quote follows until the end of the file', async () => {
    const rest = Array.from({ length: 50_000 }, (_, index) => `${index + 2},x\n`).join('')
    const result = await read(`id,name\n1,"a\n${rest}`)
    expect(result.counts).toEqual({ rows: 50_001, readable: 50_000 })
    expect(reasons(result)).toEqual([[1, 'UNCLOSED_QUOTE']])
  })

  it('when it closes by chance at the wrong number of fields', async () => {
    const result = await read('id,name\n1,"a\n2,5",x\n3,c\n')
    expect(result.numbers).toEqual([3])
    expect(reasons(result)).toEqual([
      [1, 'UNCLOSED_QUOTE'],
      [2, 'TOO_MANY_FIELDS'],
    ])
  })

  it('in each of many rows', async () => {
    const lines = Array.from({ length: 2000 }, (_, index) => (index % 2 ? `${index},"x` : `${index},"y"`))
    const result = await read(`id,name\n${lines.join('\n')}\n`)
    expect(result.counts).toEqual({ rows: 2000, readable: 1000 })
  })
})

describe('what a dialect allows is read', () => {
  it('line breaks, delimiters and quotes inside quotes', async () => {
    const result = await read('id,name\r\n1,"a\r\nb\nc"\r\n"2","x, ""y"""\r\n', { newline: 'crlf' })
    expect(result.rows).toEqual([
      ['1', 'a\r\nb\nc'],
      ['2', 'x, "y"'],
    ])
  })

  it('a quote inside an unquoted field is text', async () => {
    expect((await read('id,name\n1,5" disk\n')).rows).toEqual([['1', '5" disk']])
  })

  it('blank lines are no records, a byte order mark is no text, the last line needs no end', async () => {
    const result = await read('\uFEFFid,name\r\n\r\n1,a\r\n\r\n2,b', { newline: 'crlf' })
    expect(result.rows).toEqual([
      ['1', 'a'],
      ['2', 'b'],
    ])
    expect(result.numbers).toEqual([1, 2])
  })

  it('an empty field is NULL, an empty quoted field is not', async () => {
    expect((await read('id,name\n1,\n2,""\n')).rows).toEqual([
      ['1', null],
      ['2', ''],
    ])
    expect((await read('id,name\n1,NULL\n2,"NULL"\n3,\n', { nullText: 'NULL' })).rows).toEqual([
      ['1', null],
      ['2', 'NULL'],
      ['3', ''],
    ])
  })

  it('columns in another order, and columns that nobody declared', async () => {
    expect((await read('x,name,y,id\n?,a,?,1\n')).rows).toEqual([['1', 'a']])
  })

  it('a file without a header, by position', async () => {
    const result = await read('1,a\n2\n3,c\n', { header: false })
    expect(result.rows).toEqual([
      ['1', 'a'],
      ['3', 'c'],
    ])
    expect(reasons(result)).toEqual([[2, 'TOO_FEW_FIELDS']])
  })

  it('Shift JIS, whose second bytes look like ASCII', async () => {
    const text = iconv.encode('id|name\n1|表\n2|"ソ|十"\n', 'shift_jis')
    expect((await read(text, { encoding: 'shift_jis', delimiter: '|' })).rows).toEqual([
      ['1', '表'],
      ['2', 'ソ|十'],
    ])
  })
})

describe('a file that is wrong as a whole is a clear error', () => {
  const problem = (text: string, changes: Partial<typeof csvFormat> = {}) =>
    read(text, changes).then(
      () => undefined,
      (error: unknown) => (error instanceof FileProblem ? [error.code, error.column, error.message] : error),
    )

  it.each([
    ['nothing', ''],
    ['only a header', 'id,name\n'],
    ['only blank lines', '\n\n'],
  ])('%s', async (_what, text) => expect(await problem(text)).toEqual(['FILE_EMPTY', undefined, 'it holds no record']))

  it('a vanished column, with the header that is there', async () => {
    expect(await problem('id,title\n1,a\n')).toEqual([
      'COLUMN_UNKNOWN',
      'name',
      'has no column "name"; its header is: id, title',
    ])
  })

  it('a column that is there twice', async () => {
    expect(await problem('id,name,name\n1,a,b\n')).toEqual([
      'COLUMN_UNKNOWN',
      'name',
      expect.stringContaining('more than one'),
    ])
  })

  it('line ends that the mapping does not expect, with what to write', async () => {
    expect(await problem('id,name\r\n1,a\r\n')).toEqual([
      'COLUMN_UNKNOWN',
      'name',
      expect.stringContaining('newline: crlf'),
    ])
  })

  it('a header that cannot be read', async () => {
    expect(await problem('id,"name\n1,a\n')).toEqual([
      'FILE_UNREADABLE',
      undefined,
      expect.stringContaining('UNCLOSED_QUOTE'),
    ])
  })
})
