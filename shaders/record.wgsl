// The records of bases read as pairs of words, half as many loads: (b, b'), and then the values two by two. Every record begins
// at an even word, and its values do; slopes do so only where ORDER is even.

@group(1) @binding(2) var<storage, read> basis: array<vec2f>; // [M][B][inputs][PAIRS]

const PAIRS = 1u + ORDER;
const WHOLE_PAIRS = ORDER / 2u;
// Whether one value is left after them.
const ODD = ORDER % 2u == 1u;
