// A seeded shuffle that needs no memory: the row at a position of an epoch's order, by a four-round Feistel network on 2h bits
// that walks its cycle until it falls below the set's rows (src/engine/shuffle.ts holds the same arithmetic and the source).
// Precondition: 2^(2h) >= source_rows when h > 0; h = 0 leaves the rows in order.

// Finaliser of MurmurHash3.
fn mix_bits(word: u32) -> u32 {
  var value = word;
  value = (value ^ (value >> 16u)) * 0x85ebca6bu;
  value = (value ^ (value >> 13u)) * 0xc2b2ae35u;
  return value ^ (value >> 16u);
}

fn shuffled_row(position: u32, half_bits: u32, keys: vec4u, source_rows: u32) -> u32 {
  if (half_bits == 0u) {
    return position;
  }
  let low = (1u << half_bits) - 1u;
  var value = position;
  loop {
    var left = value >> half_bits;
    var right = value & low;
    for (var r = 0u; r < 4u; r++) {
      let next = (left ^ mix_bits(right ^ keys[r])) & low;
      left = right;
      right = next;
    }
    value = (left << half_bits) | right;
    if (value < source_rows) {
      break;
    }
  }
  return value;
}
