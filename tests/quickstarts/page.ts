import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packageRoot } from '../../warehouses/package-root.js'

/**
 * A page of docs/quickstarts as a reader would follow it. A block whose first line is a comment with the name of a file is that file. `bash` is run, `text` after it is
 * what it prints, and `sh` is what is done once beforehand: exports of URL and key, installations. Other blocks are not run.
 */
export interface Page {
  readonly files: readonly { readonly name: string; readonly text: string }[]
  readonly commands: readonly Command[]
  /** The text of all `sh` blocks. */
  readonly once: string
}

interface Command {
  readonly text: string
  /** What it prints, where the page shows it. */
  readonly prints?: string
}

export const quickstarts = join(packageRoot(), 'docs', 'quickstarts')

export async function readPage(name: string): Promise<Page> {
  const page = await readFile(join(quickstarts, name), 'utf8')
  const blocks = [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => ({
    ...{ language, text, file: /^(?:#|\/\/|--) (\w+\.\w+)\n/.exec(text)?.[1] },
  }))
  return {
    files: blocks.flatMap(({ file, text }) => (file === undefined ? [] : [{ name: file, text }])),
    commands: blocks.flatMap(({ language, text }, i): Command[] => {
      if (language !== 'bash') return []
      const next = blocks[i + 1]
      return [next?.language === 'text' ? { text, prints: next.text } : { text }]
    }),
    once: blocks.flatMap(({ language, text }) => (language === 'sh' ? [text] : [])).join(''),
  }
}
