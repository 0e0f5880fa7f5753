/** The functions of our own that a language lacks, by name, each with its source text and the others that it calls. */
export interface Support {
  /** The functions that the printed text calls, and those that these call, in the order of the source. */
  used(text: string): string[]
  /** Their source text. Throws RangeError for an unknown name. */
  source(names: readonly string[]): string
  /** Every name, so that no variable takes one. */
  readonly names: readonly string[]
}

/**
 * Reads the source text of a language's support: blocks with an empty line between them and none inside. A block that
 * declares something (the first group of `declaration` is its name) is taken when it is needed, with its comment; a block
 * that declares nothing is a heading and never taken.
 */
export function support(source: string, declaration: RegExp): Support {
  const blocks = new Map<string, string>()
  for (const block of source.replaceAll('\r\n', '\n').trim().split(/\n\n+/)) {
    const name = declaration.exec(block)?.[1]
    if (name !== undefined) blocks.set(name, block)
  }
  const names = [...blocks.keys()]

  /** Adds the names that occur in the text, and those in their blocks. */
  const addUsed = (text: string, found: Set<string>): void => {
    for (const [word] of text.matchAll(/[A-Za-z_]\w*/g)) {
      const block = blocks.get(word)
      if (block === undefined || found.has(word)) continue
      found.add(word)
      addUsed(withoutComments(block), found)
    }
  }

  const used = (text: string): string[] => {
    const found = new Set<string>()
    addUsed(text, found)
    return names.filter(name => found.has(name))
  }
  return {
    names,
    used,
    source: wanted => {
      for (const name of wanted)
        if (!blocks.has(name)) throw new RangeError(`There is no support function '${name}'.`)
      const needed = used(wanted.join(' '))
      return needed.map(name => blocks.get(name)!).join('\n\n')
    },
  }
}

/** A comment may mention a function that the block does not call. */
function withoutComments(block: string): string {
  return block.replaceAll(/^\s*(?:\/\/|#).*$/gm, '')
}
