/** Functions that Math lacks, in float64. Bounds are absolute, checked against 40-digit values in test/formula. */

/** sin(pi i / 32) for i = 1 .. 15: the nodes of the trapezoidal rule below. */
const SINES = Float64Array.from({ length: 15 }, (_, i) => Math.sin((Math.PI * (i + 1)) / 32))

/** Where the sums take over from the asymptotic series: the smallest term of the latter is about exp(-2 x) = 2e-22. */
const BESSEL_SPLIT = 25

/**
 * The Bessel function J0, within 1e-15. Below 25 Bessel's integral, (1 / pi) times the integral of cos(x sin t) over
 * [0, pi], by the trapezoidal rule with 32 intervals: its error is 2 J_64(25) < 1e-17. Beyond, Hankel's expansion.
 */
export function besselJ0(x: number): number {
  const z = Math.abs(x)
  if (z > BESSEL_SPLIT) return hankel(0, z)
  let sum = 0
  for (const sine of SINES) sum += Math.cos(z * sine)
  return (1 + Math.cos(z) + 2 * sum) / 32
}

/** The Bessel function J1 = -J0', within 1e-15, as besselJ0: the integrand is sin(x sin t) sin t. */
export function besselJ1(x: number): number {
  const z = Math.abs(x)
  if (z > BESSEL_SPLIT) return Math.sign(x) * hankel(1, z)
  let sum = 0
  for (const sine of SINES) sum += sine * Math.sin(x * sine)
  return (Math.sin(x) + 2 * sum) / 32
}

/**
 * Hankel's expansion (Abramowitz and Stegun 9.2.5, 9.2.9, 9.2.10) for order 0 or 1 and z > 25:
 *   J(z) = sqrt(2 / (pi z)) (P cos(chi) - Q sin(chi)),  chi = z - (order / 2 + 1 / 4) pi.
 * cos(chi) and sin(chi) are written with cos(z) and sin(z), since the subtraction in chi would round.
 */
function hankel(order: 0 | 1, z: number): number {
  if (z === Infinity) return 0
  let [p, q, term] = [1, 0, 1]
  for (let k = 1; Math.abs(term) > 1e-18; k++) {
    term *= (4 * order * order - (2 * k - 1) ** 2) / (8 * k * z)
    const signed = k & 2 ? -term : term // P takes k = 0, -2, 4, ..; Q takes k = 1, -3, 5, ..
    if (k & 1) q += signed
    else p += signed
  }
  const [cosine, sine] = [Math.cos(z), Math.sin(z)]
  const scale = 1 / Math.sqrt(Math.PI * z)
  return order === 0
    ? scale * (p * (cosine + sine) - q * (sine - cosine))
    : scale * (p * (sine - cosine) + q * (sine + cosine))
}

/** From here erf is 1 minus the continued fraction of erfc, whose own error is then small beside 1. */
const ERF_SPLIT = 2

/**
 * The error function, within 1e-15, also relatively. Below 2 the series with positive terms only (Abramowitz and Stegun 7.1.6),
 *   erf(x) = 2 / sqrt(pi) exp(-x^2) sum of 2^n x^(2n+1) / (1 3 5 .. (2n+1)),
 * beyond it erfc(x) = exp(-x^2) / sqrt(pi) / (x + (1/2) / (x + 1 / (x + (3/2) / (x + ..)))) (7.1.14). At 2 the 50th
 * convergent errs by about erfc(2) exp(-4 sqrt(100)) = 2e-20.
 */
export function erf(x: number): number {
  const z = Math.abs(x)
  if (!(z >= ERF_SPLIT)) {
    const square = x * x
    let [sum, term] = [x, x]
    for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      term *= (2 * square) / (2 * n + 1)
      sum += term
    }
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-square) * sum
  }
  if (z > 6) return Math.sign(x) // erfc(6) = 2e-17
  let fraction = z
  for (let k = 50; k >= 1; k--) fraction = z + k / 2 / fraction
  return Math.sign(x) * (1 - Math.exp(-z * z) / Math.sqrt(Math.PI) / fraction)
}

/** 1 / (1 + exp(-x)), without overflow: exp(-x) may be Infinity, and 1 / Infinity is 0. */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x))
}

/** x sigmoid(x), and its limit 0 at -Infinity. */
export function silu(x: number): number {
  return x === -Infinity ? 0 : x * sigmoid(x)
}
