/** Colour maps as tables of anchors, interpolated linearly in sRGB. */

export type Rgb = readonly [number, number, number]

/** Cividis (Nunez, Anderton, Renslow, PLOS ONE 2018): even in lightness, and the same for colour-blind readers. */
export const cividis = anchors('00224e 123570 3b496c 575d6d 707173 8a8678 a59c74 c3b369 e1cc55 fee838')

/** Below, none, above: the middle is the colour of the page, so that no error is no ink. */
export const differenceLight = anchors('0b3c6f 3f7cb0 a9c6df f6f4ee ecbf9f cc7138 7f2a06')
export const differenceDark = anchors('a9d3fa 4f92cb 23476a 1a1c1f 6a3a1c cf7c3e ffc99c')

/** The colour at t in [0, 1]; outside values take the end's. */
export function colorAt(map: readonly Rgb[], t: number): Rgb {
  const position = Math.min(1, Math.max(0, t)) * (map.length - 1)
  const i = Math.min(map.length - 2, Math.floor(position))
  const [low, high] = [map[i]!, map[i + 1]!]
  const share = position - i
  return [0, 1, 2].map(channel =>
    Math.round(low[channel]! + share * (high[channel]! - low[channel]!)),
  ) as unknown as Rgb
}

function anchors(text: string): readonly Rgb[] {
  return text.split(' ').map(hex => {
    const value = Number.parseInt(hex, 16)
    return [value >> 16, (value >> 8) & 255, value & 255]
  })
}
