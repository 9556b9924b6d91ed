import iconv from 'iconv-lite'

/** `wide`: two bytes a unit. `ascii`: ASCII bytes are themselves and no multi-byte character holds a line feed. */
export type EncodingFamily = 'utf-8' | 'ascii' | 'utf-16le' | 'utf-16be'

const sample = '\n\r\t !"#$%&\'()*+,-./0123456789:;<=>?@ABCXYZ[]^_abcxyz{|}'

/** Undefined for a label that is unknown, or that names an encoding with shift states or other units. */
export function encodingFamily(label: string): EncodingFamily | undefined {
  const plain = label.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
  if (plain === 'utf8') return 'utf-8'
  if (plain === 'utf16le' || plain === 'utf16' || plain === 'ucs2') return 'utf-16le'
  if (plain === 'utf16be') return 'utf-16be'
  // Internal to iconv-lite, not encodings of text; utf7 hides ASCII behind shift sequences.
  if (/^(utf7|utf7imap|base64|hex|binary|internal)/.test(plain) || !iconv.encodingExists(label)) return undefined
  return iconv.encode(sample, label).equals(Buffer.from(sample, 'ascii')) ? 'ascii' : undefined
}

export function isReadableEncoding(label: string): boolean {
  return encodingFamily(label) !== undefined
}
