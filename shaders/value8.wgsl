// What a thread reads and sums at once: eight neighbouring outputs, as the columns of a matrix: it can be added and multiplied by
// a number like the others. Offsets and strides of everything that is read as Values are multiples of LANE words
// (engine/webgpu/coefficients.ts).

alias Value = mat2x4f;
const LANE = 8u;

fn times(a: Value, b: Value) -> Value {
  return Value(a[0] * b[0], a[1] * b[1]);
}

fn total(value: Value) -> f32 {
  let sum = value[0] + value[1];
  return (sum.x + sum.y) + (sum.z + sum.w);
}
