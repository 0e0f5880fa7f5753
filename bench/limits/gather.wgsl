// How fast words are read from random places of a table that fits a cache, or of workgroup memory.
//
//   state <- 1664525 state + 1013904223  (Numerical Recipes' generator);  sum += table[(state >> 8) mod WORDS];  reads = 4 ROUNDS
//
// SCATTERED 1: every thread goes its own way. 0: a workgroup goes together and its threads read neighbouring words, as threads
// that own neighbouring outputs do with coefficients. SHARED 1: from workgroup memory, always each thread its own way.
// The arithmetic of the places is part of the time: where integers are as slow as memory, the rate is a lower bound.
// Precondition: WORDS is a power of two; for SHARED at most 4096.

@group(0) @binding(0) var<storage, read> table: array<f32>;
@group(0) @binding(1) var<storage, read_write> sink: array<f32>;

var<workgroup> copy: array<f32, SHARED_WORDS>;

fn next(state: u32) -> u32 {
  return 1664525u * state + 1013904223u;
}

fn read_word(state: u32, local: u32) -> f32 {
  let place = (state >> 8u) + (1u - SCATTERED) * local;
  if (SHARED == 1u) {
    return copy[place & (SHARED_WORDS - 1u)];
  }
  return table[place & (WORDS - 1u)];
}

@compute @workgroup_size(256)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  if (SHARED == 1u) {
    for (var n = local; n < SHARED_WORDS; n += 256u) {
      copy[n] = table[n];
    }
    workgroupBarrier();
  }
  let number = workgroup.y * workgroups.x + workgroup.x;
  let index = number * 256u + local;
  var a = select(number, index, SCATTERED == 1u) * 2654435761u;
  var b = a ^ 0x9e3779b9u;
  var sum = 0.0;
  for (var round = 0u; round < ROUNDS; round++) {
    a = next(a);
    b = next(b);
    sum += read_word(a, local) + read_word(b, local);
    a = next(a);
    b = next(b);
    sum += read_word(a, local) + read_word(b, local);
  }
  sink[index] = sum;
}
