// The functions that neither WGSL nor GLSL has: sigmoid, silu, a Gaussian, the error function, Bessel's J0 and J1. No step
// overflows where the result does not. src/formula/special.ts has them in float64.
//
// Written in the part of WGSL that src/formula/print/glsl.ts turns into GLSL word for word: types on every name, no select.

// 1 / (1 + exp(-x)), as exp(x) / (1 + exp(x)) below 0.
fn sigmoid(x: f32) -> f32 {
  let decay: f32 = exp(-abs(x));
  if (x < 0.0) {
    return decay / (1.0 + decay);
  }
  return 1.0 / (1.0 + decay);
}

// x sigmoid(x); exp(x / 2)^2 below 0, so that exp does not underflow before the product does.
fn silu(x: f32) -> f32 {
  let root: f32 = exp(-0.5 * abs(x));
  if (x < 0.0) {
    return x * root * root / (1.0 + root * root);
  }
  return x / (1.0 + root * root);
}

// exp(-x^2), which is 0 in float32 from 11 on.
fn gaussian(x: f32) -> f32 {
  let z: f32 = min(abs(x), 15.0);
  return exp(-z * z);
}

// Below 1 the series 2 / sqrt(pi) sum of (-1)^n x^(2n + 1) / (n! (2n + 1)), whose next term is below 2e-7 relatively;
// beyond, Abramowitz and Stegun 7.1.26, within 1.5e-7.
fn error_function(x: f32) -> f32 {
  let z: f32 = abs(x);
  if (z < 1.0) {
    let s: f32 = x * x;
    let upper: f32 = -0.00075757576 + s * (0.00010683761 + s * (-1.3227513e-5 + s * 1.4589169e-6));
    let lower: f32 = 0.1 + s * (-0.023809524 + s * (0.004629630 + s * upper));
    return 1.1283792 * (x + x * s * (-0.33333334 + s * lower));
  }
  let t: f32 = 1.0 / (1.0 + 0.3275911 * z);
  let tail: f32 = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  let value: f32 = 1.0 - tail * gaussian(z);
  if (x < 0.0) {
    return -value;
  }
  return value;
}

// Hankel's expansion (Abramowitz and Stegun 9.2.5, 9.2.9, 9.2.10) for order 0 or 1 and z > 10; its first term left out is
// below 3e-8.
fn bessel_far(order: u32, z: f32) -> f32 {
  let c: f32 = cosine(z);
  let s: f32 = sine(z);
  let scale: f32 = 0.5641896 / sqrt(z); // 1 / sqrt(pi z)
  var p: f32 = 1.0;
  var q: f32 = 0.0;
  var term: f32 = 1.0;
  for (var k: u32 = 1u; k <= 8u; k++) {
    let odd: f32 = f32(2u * k - 1u);
    term = term * (f32(4u * order) - odd * odd) / (8.0 * f32(k)) / z;
    var signed_term: f32 = term;
    if ((k & 2u) == 2u) {
      signed_term = -term;
    }
    if ((k & 1u) == 1u) {
      q = q + signed_term;
    } else {
      p = p + signed_term;
    }
  }
  if (order == 0u) {
    return scale * (p * (c + s) - q * (s - c));
  }
  return scale * (p * (s - c) + q * (s + c));
}

// Below 10 Bessel's integral, (1 / pi) times the integral of cos(x sin t) over [0, pi], by the trapezoidal rule with 16
// intervals: its error is 2 J_32(10) < 1e-12. The nodes are sin(pi i / 16).
fn bessel_j0(x: f32) -> f32 {
  let z: f32 = abs(x);
  if (z > 10.0) {
    return bessel_far(0u, z);
  }
  let inner: f32 = cosine(z * 0.19509032) + cosine(z * 0.38268343) + cosine(z * 0.55557024);
  let outer: f32 = cosine(z * 0.70710677) + cosine(z * 0.8314696) + cosine(z * 0.9238795) + cosine(z * 0.98078525);
  return (1.0 + cosine(z) + 2.0 * (inner + outer)) / 16.0;
}

// The term of the next sum at the node s.
fn bessel_j1_term(z: f32, s: f32) -> f32 {
  return s * sine(z * s);
}

// As bessel_j0; the integrand is sin(x sin t) sin t.
fn bessel_j1(x: f32) -> f32 {
  let z: f32 = abs(x);
  var value: f32 = 0.0;
  if (z > 10.0) {
    value = bessel_far(1u, z);
  } else {
    let inner: f32 = bessel_j1_term(z, 0.19509032) + bessel_j1_term(z, 0.38268343) + bessel_j1_term(z, 0.55557024);
    let middle: f32 = bessel_j1_term(z, 0.70710677) + bessel_j1_term(z, 0.8314696);
    let outer: f32 = bessel_j1_term(z, 0.9238795) + bessel_j1_term(z, 0.98078525);
    value = (sine(z) + 2.0 * (inner + middle + outer)) / 16.0;
  }
  if (x < 0.0) {
    return -value;
  }
  return value;
}
