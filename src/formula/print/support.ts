/** The functions of our own that a language lacks, by name, each with its source text and the others that it calls. */
export interface Support {
  /** The functions that the printed text calls, and those that these call, in the order of the source. */
  used(text: string): string[]
  /** Their source text. Throws RangeError for an unknown name. */
  source(names: readonly string[]): string
  /** Every name, so that no variable takes one. */
  names(): string[]
}

/** Of a language that lacks nothing. */
export const noSupport: Support = { used: () => [], source: () => '', names: () => [] }

/**
 * The support whose source is given: blocks with an empty line between them and none inside. A block that declares something
 * (the first group of `declaration` is its name) is taken when it is needed, with its comment; a block that declares nothing
 * is a heading and never taken. The text is read when it is first needed.
 */
export function support(sources: readonly string[], declaration: RegExp): Support {
  let read: ReadonlyMap<string, string> | undefined
  const blocks = (): ReadonlyMap<string, string> => (read ??= readBlocks(sources, declaration))

  const used = (text: string): string[] => {
    const found = new Set<string>()
    addUsed(text, blocks(), found)
    return [...blocks().keys()].filter(name => found.has(name))
  }
  return {
    names: () => [...blocks().keys()],
    used,
    source: wanted => {
      const unknown = wanted.find(name => !blocks().has(name))
      if (unknown !== undefined) throw new RangeError(`There is no support function '${unknown}'.`)
      return used(wanted.join(' '))
        .map(name => blocks().get(name)!)
        .join('\n\n')
    },
  }
}

function readBlocks(sources: readonly string[], declaration: RegExp): ReadonlyMap<string, string> {
  const blocks = new Map<string, string>()
  for (const source of sources)
    for (const block of source.replaceAll('\r\n', '\n').trim().split(/\n\n+/)) {
      const name = declaration.exec(block)?.[1]
      if (name !== undefined) blocks.set(name, block)
    }
  return blocks
}

/** Adds the names that occur in the text, and those in their blocks; a comment may mention what is not called. */
function addUsed(text: string, blocks: ReadonlyMap<string, string>, found: Set<string>): void {
  for (const [word] of text.matchAll(/[A-Za-z_]\w*/g)) {
    const block = blocks.get(word)
    if (block === undefined || found.has(word)) continue
    found.add(word)
    addUsed(block.replaceAll(/^\s*(?:\/\/|#).*$/gm, ''), blocks, found)
  }
}
