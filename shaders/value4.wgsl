// What a thread reads and sums at once: four neighbouring outputs, 16 bytes a load. Offsets and strides of everything that is
// read as Values are multiples of LANE words (engine/webgpu/coefficients.ts).

alias Value = vec4f;
const LANE = 4u;

// Element by element, and so in value8.wgsl.
fn times(a: Value, b: Value) -> Value {
  return a * b;
}

fn total(value: Value) -> f32 {
  return (value.x + value.y) + (value.z + value.w);
}
