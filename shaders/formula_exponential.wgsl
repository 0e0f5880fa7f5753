// Logarithms, powers and hyperbolic functions, relatively accurate also where they are small: the built-in log errs by 2^-21
// absolutely near 1, tanh is NaN from 89 on, and pow knows no negative base. exp is the built-in one (3 + 2 |x| units).
//
// Written in the part of WGSL that src/formula/print/glsl.ts turns into GLSL word for word: types on every name, no select.

// log(1 + t) = 2 atanh(t / (2 + t)) for 1 + t in [sqrt(1/2), sqrt(2)], where the series' next term is below 5e-10.
fn log_near_one(t: f32) -> f32 {
  let z: f32 = t / (1.0 + 0.5 * t);
  let s: f32 = 0.25 * z * z;
  return z * (1.0 + s * (0.33333334 + s * (0.2 + s * (0.14285715 + s * (0.11111111 + s * 0.09090909)))));
}

// x = 2^e m with m in [sqrt(1/2), sqrt(2)]: vec2f(e, log(m)). For finite x of at least 1.2e-38.
fn log_parts(x: f32) -> vec2f {
  let bits: u32 = bitcast<u32>(x);
  var exponent: f32 = f32(bits >> 23u) - 127.0;
  var mantissa: f32 = bitcast<f32>((bits & 0x7fffffu) | 0x3f800000u);
  if (mantissa > 1.4142135) {
    mantissa = mantissa * 0.5;
    exponent = exponent + 1.0;
  }
  return vec2f(exponent, log_near_one(mantissa - 1.0));
}

// Whether log_parts takes x.
fn has_log_parts(x: f32) -> bool {
  let bits: u32 = bitcast<u32>(x);
  return bits >= 0x800000u && bits < 0x7f800000u;
}

// NaN below 0, -Infinity at 0 and below 1.2e-38, which a GPU may take for 0; else Infinity or NaN as they come.
fn log_limit(x: f32) -> f32 {
  if (x < 0.0) {
    return bitcast<f32>(bitcast<u32>(x) | 0x7fc00000u);
  }
  if (x < 1.0) {
    return -1.0 / abs(x);
  }
  return x;
}

fn natural_log(x: f32) -> f32 {
  if (!has_log_parts(x)) {
    return log_limit(x);
  }
  let parts: vec2f = log_parts(x);
  return parts.x * 0.6931472 + parts.y;
}

fn log_base_2(x: f32) -> f32 {
  if (!has_log_parts(x)) {
    return log_limit(x);
  }
  let parts: vec2f = log_parts(x);
  return parts.x + parts.y * 1.442695;
}

fn log_base_10(x: f32) -> f32 {
  return natural_log(x) * 0.4342945;
}

// log(1 + t), relatively accurate also for small t.
fn log_one_plus(t: f32) -> f32 {
  if (t > -0.29 && t < 0.41) {
    return log_near_one(t);
  }
  return natural_log(1.0 + t);
}

// exp(x) - 1, relatively accurate also for small x; the series' next term is below 1e-8 relatively.
fn exp_minus_one(x: f32) -> f32 {
  if (abs(x) > 0.5) {
    return exp(x) - 1.0;
  }
  let upper: f32 = 0.008333334 + x * (0.0013888889 + x * (0.0001984127 + x * 2.4801587e-5));
  return x + x * x * (0.5 + x * (0.16666667 + x * (0.041666668 + x * upper)));
}

fn square(x: f32) -> f32 {
  return x * x;
}

// x^n by repeated squaring, for any sign of x and n; of 1 / x where n < 0, as x^-n may underflow where the result does not.
fn whole_power(x: f32, n: i32) -> f32 {
  var left: i32 = abs(n);
  var factor: f32 = x;
  if (n < 0) {
    factor = 1.0 / x;
  }
  var value: f32 = 1.0;
  while (left > 0) {
    if ((left & 1) == 1) {
      value = value * factor;
    }
    factor = factor * factor;
    left = left >> 1u;
  }
  return value;
}

// x^y = 2^(y log2(|x|)), with the sign of x where y is odd; NaN for x < 0 and a y that is not whole; 1 for y = 0.
fn power(x: f32, y: f32) -> f32 {
  let z: f32 = abs(x);
  if (y == 0.0) {
    return 1.0;
  }
  var value: f32 = exp2(y * log_base_2(z));
  if (z == 0.0) {
    value = 0.0;
    if (y < 0.0) {
      value = 1.0 / z;
    }
  }
  if (x < 0.0) {
    if (floor(y) != y) {
      return bitcast<f32>(bitcast<u32>(x) | 0x7fc00000u);
    }
    if (floor(y * 0.5) != y * 0.5) {
      return -value;
    }
  }
  return value;
}

// The real cube root: exp2(log2 / 3), improved by a step of Newton's.
fn cube_root(x: f32) -> f32 {
  let z: f32 = abs(x);
  if (z == 0.0) {
    return x;
  }
  let start: f32 = exp2(log_base_2(z) / 3.0);
  let root: f32 = start - (start - z / start / start) / 3.0;
  if (x < 0.0) {
    return -root;
  }
  return root;
}

// By its series below 1, whose next term is below 3e-8; above, exp(x / 2)^2 / 2 does not overflow too early.
fn hyperbolic_sine(x: f32) -> f32 {
  let z: f32 = abs(x);
  if (z < 1.0) {
    let s: f32 = x * x;
    return x + x * s * (0.16666667 + s * (0.008333334 + s * (0.0001984127 + s * 2.7557319e-6)));
  }
  let root: f32 = exp(0.5 * z);
  let value: f32 = 0.5 * root * root - 0.5 / root / root;
  if (x < 0.0) {
    return -value;
  }
  return value;
}

fn hyperbolic_cosine(x: f32) -> f32 {
  let root: f32 = exp(0.5 * abs(x));
  return 0.5 * root * root + 0.5 / root / root;
}

// (exp(2 x) - 1) / (exp(2 x) + 1); from 10 on 1 in float32.
fn hyperbolic_tangent(x: f32) -> f32 {
  let excess: f32 = exp_minus_one(2.0 * min(abs(x), 10.0));
  let value: f32 = excess / (excess + 2.0);
  if (x < 0.0) {
    return -value;
  }
  return value;
}

// log(x + sqrt(x^2 + 1)) = log(1 + x + x^2 / (1 + sqrt(x^2 + 1))) for x > 0; beyond 1e9 log(2 x).
fn area_hyperbolic_sine(x: f32) -> f32 {
  let z: f32 = abs(x);
  var value: f32 = 0.0;
  if (z > 1.0e9) {
    value = natural_log(z) + 0.6931472;
  } else {
    value = log_one_plus(z + z * z / (1.0 + sqrt(z * z + 1.0)));
  }
  if (x < 0.0) {
    return -value;
  }
  return value;
}

// log(x + sqrt(x^2 - 1)) with x - 1 exact; NaN below 1; beyond 1e9 log(2 x).
fn area_hyperbolic_cosine(x: f32) -> f32 {
  if (x < 1.0) {
    return bitcast<f32>(bitcast<u32>(x) | 0x7fc00000u);
  }
  if (x > 1.0e9) {
    return natural_log(x) + 0.6931472;
  }
  let t: f32 = x - 1.0;
  return log_one_plus(t + sqrt(t) * sqrt(t + 2.0));
}

// log((1 + x) / (1 - x)) / 2; NaN outside [-1, 1].
fn area_hyperbolic_tangent(x: f32) -> f32 {
  let z: f32 = abs(x);
  if (z > 1.0) {
    return bitcast<f32>(bitcast<u32>(x) | 0x7fc00000u);
  }
  let value: f32 = 0.5 * log_one_plus(2.0 * z / (1.0 - z));
  if (x < 0.0) {
    return -value;
  }
  return value;
}
