// Sine, cosine, tangent and their inverses for every float32, within a few units of the last place: WGSL lets the built-in
// sin err by 2^-11 absolutely and atan by 4096 units. Blocks are taken one by one by their names, with what they call.
//
// Written in the part of WGSL that src/formula/print/glsl.ts turns into GLSL word for word: types on every name, no select.
// Reduction is in whole numbers, as a compiler may reassociate the subtractions that reduction in float32 needs.

// 2 / pi in binary, 32 bits a word, after one word of zeros: 0.a2f9836e 4e441529 .. No array, as not every WGSL compiler
// takes an index into a constant one that is computed.
fn two_over_pi(word: u32) -> u32 {
  switch (word) {
    case 0u: { return 0u; }
    case 1u: { return 0xa2f9836eu; }
    case 2u: { return 0x4e441529u; }
    case 3u: { return 0xfc2757d1u; }
    case 4u: { return 0xf534ddc0u; }
    case 5u: { return 0xdb629599u; }
    case 6u: { return 0x3c439041u; }
    default: { return 0xfe5163abu; }
  }
}

// The upper 32 bits of the 64 of a b.
fn product_high(a: u32, b: u32) -> u32 {
  let a_high: u32 = a >> 16u;
  let a_low: u32 = a & 0xffffu;
  let b_high: u32 = b >> 16u;
  let b_low: u32 = b & 0xffffu;
  let first: u32 = a_low * b_high + ((a_low * b_low) >> 16u);
  let second: u32 = a_high * b_low + (first & 0xffffu);
  return a_high * b_high + (first >> 16u) + (second >> 16u);
}

// x = (quadrant + 4 n) pi / 2 + r with |r| <= pi / 4: vec2f(r, quadrant). Payne and Hanek, "Radian reduction for
// trigonometric functions" (1983): of x 2 / pi = mantissa 2^e (2 / pi) only the bits worth 2 to 2^-62 are made. No float32
// lies closer than 2^-30 to a multiple of pi / 2, so r keeps all its bits.
fn quarter_turns(x: f32) -> vec2f {
  let bits: u32 = bitcast<u32>(abs(x));
  if (bits < 0x3f490fdbu) { // pi / 4
    return vec2f(x, 0.0);
  }
  if (bits >= 0x7f800000u) {
    return vec2f(bitcast<f32>(bits | 0x7fc00000u), 0.0); // NaN
  }
  let mantissa: u32 = (bits & 0x7fffffu) | 0x800000u;
  // The first bit needed of 2 / pi is that worth 2^-(e - 1); e = exponent - 150, and 31 bits of the table precede 2^0.
  let start: u32 = (bits >> 23u) - 120u;
  let word: u32 = start >> 5u;
  let shift: u32 = start & 31u;
  var a: u32 = two_over_pi(word);
  var b: u32 = two_over_pi(word + 1u);
  var c: u32 = two_over_pi(word + 2u);
  if (shift > 0u) {
    a = (a << shift) | (b >> (32u - shift));
    b = (b << shift) | (c >> (32u - shift));
    c = (c << shift) | (two_over_pi(word + 3u) >> (32u - shift));
  }
  let part: u32 = mantissa * b;
  var low: u32 = part + product_high(mantissa, c);
  var high: u32 = mantissa * a + product_high(mantissa, b);
  if (low < part) {
    high = high + 1u; // the carry
  }
  // The two bits before the point are the quadrant; what follows is centred on it.
  var quadrant: u32 = (high + 0x20000000u) >> 30u;
  high = high - (quadrant << 30u);
  var scale: f32 = 1.5707964;
  if (high >= 0x80000000u) {
    low = ~low + 1u;
    high = ~high;
    if (low == 0u) {
      high = high + 1u;
    }
    scale = -scale;
  }
  if (x < 0.0) {
    scale = -scale;
    quadrant = 4u - quadrant;
  }
  let turns: f32 = f32(high) * 9.313225746154785e-10 + f32(low) * 2.168404344971009e-19; // 2^-30, 2^-62
  return vec2f(scale * turns, f32(quadrant & 3u));
}

// sin(r + quadrant pi / 2) for |r| <= pi / 4, by Taylor series whose next terms are below 2e-9 and 3e-8.
fn sine_in_quadrant(r: f32, quadrant: u32) -> f32 {
  let s: f32 = r * r;
  var value: f32 = r + r * s * (-0.16666667 + s * (0.008333334 + s * (-0.0001984127 + s * 2.7557319e-6)));
  if ((quadrant & 1u) == 1u) {
    value = 1.0 + s * (-0.5 + s * (0.041666668 + s * (-0.0013888889 + s * 2.4801587e-5)));
  }
  if ((quadrant & 2u) == 2u) {
    value = -value;
  }
  return value;
}

fn sine(x: f32) -> f32 {
  let turned: vec2f = quarter_turns(x);
  return sine_in_quadrant(turned.x, u32(turned.y));
}

fn cosine(x: f32) -> f32 {
  let turned: vec2f = quarter_turns(x);
  return sine_in_quadrant(turned.x, u32(turned.y) + 1u);
}

fn tangent(x: f32) -> f32 {
  let turned: vec2f = quarter_turns(x);
  let quadrant: u32 = u32(turned.y);
  return sine_in_quadrant(turned.x, quadrant) / sine_in_quadrant(turned.x, quadrant + 1u);
}

// The series x - x^3 / 3 + .. for |x| <= tan(pi / 8), to which the rest is reduced by pi / 4 and pi / 2; its next term is
// below 2e-9 relatively.
fn arctangent(x: f32) -> f32 {
  var z: f32 = abs(x);
  var offset: f32 = 0.0;
  if (z > 2.4142135) {
    z = -1.0 / z;
    offset = 1.5707964;
  } else if (z > 0.41421357) {
    z = (z - 1.0) / (z + 1.0);
    offset = 0.7853982;
  }
  let s: f32 = z * z;
  let upper: f32 = 0.07692308 + s * (-0.06666667 + s * (0.05882353 + s * (-0.05263158 + s * 0.04761905)));
  let lower: f32 = 0.2 + s * (-0.14285715 + s * (0.11111111 + s * (-0.09090909 + s * upper)));
  let angle: f32 = offset + (z + z * s * (-0.33333334 + s * lower));
  if (x < 0.0) {
    return -angle;
  }
  return angle;
}

// The angle of the point (x, y) from the x axis, in (-pi, pi]; 0 at the origin.
fn arctangent2(y: f32, x: f32) -> f32 {
  let larger: f32 = max(abs(x), abs(y));
  if (larger == 0.0) {
    return 0.0;
  }
  var angle: f32 = arctangent(min(abs(x), abs(y)) / larger);
  if (abs(y) > abs(x)) {
    angle = 1.5707964 - angle;
  }
  if (x < 0.0) {
    angle = 3.1415927 - angle;
  }
  if (y < 0.0) {
    angle = -angle;
  }
  return angle;
}

// NaN outside [-1, 1]. 1 - x is exact where it is small.
fn arcsine(x: f32) -> f32 {
  if (abs(x) > 1.0) {
    return bitcast<f32>(bitcast<u32>(x) | 0x7fc00000u);
  }
  return arctangent2(x, sqrt((1.0 - x) * (1.0 + x)));
}

fn arccosine(x: f32) -> f32 {
  if (abs(x) > 1.0) {
    return bitcast<f32>(bitcast<u32>(x) | 0x7fc00000u);
  }
  return arctangent2(sqrt((1.0 - x) * (1.0 + x)), x);
}
