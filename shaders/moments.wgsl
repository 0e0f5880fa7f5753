// The weighted moments of two sets of values as those of their union: what edge_norms.wgsl (threads) and penalty.wgsl (chunks) share.
//
//   moments = ( W = sum w, sum w |v|, mean = sum w v / W, sum w (v - mean)^2 );   W = 0: no value yet
//   mean = mean_a + (mean_b - mean_a) W_b / W,   squares = squares_a + squares_b + (mean_b - mean_a)^2 W_a W_b / W
//
// Chan, Golub and LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979, eq. 2.1. No bindings.

fn merge(a: vec4f, b: vec4f) -> vec4f {
  if (b.x == 0.0) {
    return a;
  }
  if (a.x == 0.0) {
    return b;
  }
  let share = b.x / (a.x + b.x);
  let shift = b.z - a.z;
  return vec4f(a.x + b.x, a.y + b.y, a.z + shift * share, a.w + b.w + shift * shift * a.x * share);
}
