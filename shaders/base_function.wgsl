// The base function of an edge, and its slope beside it.
//
//   silu(x) = x / (1 + e^-x) (BASE 0);   x (BASE 1);   0 (BASE 2)

fn base_function(x: f32) -> vec2f {
  if (BASE == 0u) {
    // Below -80, e^-x nears float32's limit and silu is under 1e-33: clamping keeps infinities out.
    let sigmoid = 1.0 / (1.0 + exp(-max(x, -80.0)));
    return vec2f(x * sigmoid, sigmoid * (1.0 + x * (1.0 - sigmoid)));
  }
  return select(vec2f(0.0, 0.0), vec2f(x, 1.0), BASE == 1u);
}
