// What a thread reads and sums at once: one output. For layers whose outputs are no multiple of 4 (value4.wgsl is for the
// others).

alias Value = f32;
const LANE = 1u;

// Element by element, and so in value8.wgsl.
fn times(a: Value, b: Value) -> Value {
  return a * b;
}

fn total(value: Value) -> f32 {
  return value;
}
