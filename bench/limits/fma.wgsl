// How fast fused multiply-adds are: eight chains a thread that wait for nothing but themselves.
//
//   x_n <- factor * x_n + term,  n = 0 .. 7;  ROUNDS * 4 times;  flops = 2 * 8 * 4 * ROUNDS * lanes(VALUE) a thread
//
// VALUE is f32 or vec4f. factor and term come from a buffer, and the sum of all chains is stored, so that no compiler finds
// anything to leave out. factor < 1 keeps every chain finite.

@group(0) @binding(0) var<storage, read> numbers: array<f32>; // factor, term
@group(0) @binding(1) var<storage, read_write> sink: array<VALUE>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let factor = VALUE(numbers[0]);
  let term = VALUE(numbers[1]);
  let index = id.y * workgroups.x * 256u + id.x;
  let start = VALUE(f32(index & 1023u));
  var x0 = start;
  var x1 = start + VALUE(1.0);
  var x2 = start + VALUE(2.0);
  var x3 = start + VALUE(3.0);
  var x4 = start + VALUE(4.0);
  var x5 = start + VALUE(5.0);
  var x6 = start + VALUE(6.0);
  var x7 = start + VALUE(7.0);
  for (var round = 0u; round < ROUNDS; round++) {
    x0 = fma(x0, factor, term);
    x1 = fma(x1, factor, term);
    x2 = fma(x2, factor, term);
    x3 = fma(x3, factor, term);
    x4 = fma(x4, factor, term);
    x5 = fma(x5, factor, term);
    x6 = fma(x6, factor, term);
    x7 = fma(x7, factor, term);
    x0 = fma(x0, factor, term);
    x1 = fma(x1, factor, term);
    x2 = fma(x2, factor, term);
    x3 = fma(x3, factor, term);
    x4 = fma(x4, factor, term);
    x5 = fma(x5, factor, term);
    x6 = fma(x6, factor, term);
    x7 = fma(x7, factor, term);
    x0 = fma(x0, factor, term);
    x1 = fma(x1, factor, term);
    x2 = fma(x2, factor, term);
    x3 = fma(x3, factor, term);
    x4 = fma(x4, factor, term);
    x5 = fma(x5, factor, term);
    x6 = fma(x6, factor, term);
    x7 = fma(x7, factor, term);
    x0 = fma(x0, factor, term);
    x1 = fma(x1, factor, term);
    x2 = fma(x2, factor, term);
    x3 = fma(x3, factor, term);
    x4 = fma(x4, factor, term);
    x5 = fma(x5, factor, term);
    x6 = fma(x6, factor, term);
    x7 = fma(x7, factor, term);
  }
  sink[index] = ((x0 + x1) + (x2 + x3)) + ((x4 + x5) + (x6 + x7));
}
