// How fast words are read from a table that fits a cache, or from workgroup memory: what reads of coefficients are held against.
//
//   state <- 1664525 state + 1013904223  (Numerical Recipes' generator);  place = (state >> 8) mod (SIZE / 4)
//   sum_n += table[place + n SIZE / 16],  n = 0 .. 7;  ROUNDS times;  words = 8 lanes(VALUE) ROUNDS a thread
//
// SIZE counts VALUEs, f32 or vec4f. One place serves eight reads at constant distances, so that finding it costs next to nothing.
// SCATTERED 1: every thread goes its own way. 0: a workgroup goes together, from a multiple of 64 on, and its threads read
// neighbours, as threads that own neighbouring outputs do with coefficients. SHARED 1: from workgroup memory.
// Precondition: SIZE is a power of two, at least 1024; SHARED_SIZE is SIZE for SHARED, else 1.

@group(0) @binding(0) var<storage, read> table: array<VALUE>;
@group(0) @binding(1) var<storage, read_write> sink: array<VALUE>;

var<workgroup> copy: array<VALUE, SHARED_SIZE>;

const PLACES = SIZE / 4u;
const STEP = SIZE / 16u;

fn read_value(place: u32, n: u32) -> VALUE {
  if (SHARED == 1u) {
    return copy[place + n * STEP];
  }
  return table[place + n * STEP];
}

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  if (SHARED == 1u) {
    for (var n = local; n < SHARED_SIZE; n += 256u) {
      copy[n] = table[n];
    }
    workgroupBarrier();
  }
  let number = workgroup.y * workgroups.x + workgroup.x;
  let index = number * 256u + local;
  var state = select(number, index, SCATTERED == 1u) * 2654435761u;
  // Eight sums: none waits for the read before it.
  var s0 = VALUE();
  var s1 = VALUE();
  var s2 = VALUE();
  var s3 = VALUE();
  var s4 = VALUE();
  var s5 = VALUE();
  var s6 = VALUE();
  var s7 = VALUE();
  for (var round = 0u; round < ROUNDS; round++) {
    state = 1664525u * state + 1013904223u;
    var place = (state >> 8u) & (PLACES - 1u);
    if (SCATTERED == 0u) {
      place = (place & ~63u) + local;
    }
    s0 += read_value(place, 0u);
    s1 += read_value(place, 1u);
    s2 += read_value(place, 2u);
    s3 += read_value(place, 3u);
    s4 += read_value(place, 4u);
    s5 += read_value(place, 5u);
    s6 += read_value(place, 6u);
    s7 += read_value(place, 7u);
  }
  sink[index] = ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7));
}
