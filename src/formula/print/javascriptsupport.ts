import { support } from './support.ts'

/** The functions that Math lacks, as special.ts has them, for printed programs. */
export const javascriptSupport = /* @__PURE__ */ support(
  [
    `
function gaussian(x) {
  return Math.exp(-x * x)
}

function sigmoid(x) {
  return 1 / (1 + Math.exp(-x))
}

function silu(x) {
  return x === -Infinity ? 0 : x * sigmoid(x)
}

// The error function, within 1e-15: a series with positive terms below 2, a continued fraction beyond
// (Abramowitz and Stegun 7.1.6, 7.1.14).
function erf(x) {
  const z = Math.abs(x)
  if (!(z >= 2)) {
    let sum = x
    let term = x
    for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      term *= (2 * x * x) / (2 * n + 1)
      sum += term
    }
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
  }
  if (z > 6) return Math.sign(x)
  let fraction = z
  for (let k = 50; k >= 1; k--) fraction = z + k / 2 / fraction
  return Math.sign(x) * (1 - Math.exp(-z * z) / Math.sqrt(Math.PI) / fraction)
}

// Hankel's expansion of the Bessel functions J0 and J1 for z > 25 (Abramowitz and Stegun 9.2.5 to 9.2.10).
function hankel(order, z) {
  if (z === Infinity) return 0
  let p = 1
  let q = 0
  let term = 1
  for (let k = 1; Math.abs(term) > 1e-18; k++) {
    term *= (4 * order * order - (2 * k - 1) ** 2) / (8 * k * z)
    const signed = k & 2 ? -term : term
    if (k & 1) q += signed
    else p += signed
  }
  const c = Math.cos(z)
  const s = Math.sin(z)
  const scale = 1 / Math.sqrt(Math.PI * z)
  return order === 0 ? scale * (p * (c + s) - q * (s - c)) : scale * (p * (s - c) + q * (s + c))
}

// The Bessel function J0, within 1e-15: Bessel's integral by the trapezoidal rule, or Hankel's expansion.
function besselj0(x) {
  const z = Math.abs(x)
  if (z > 25) return hankel(0, z)
  let sum = 1 + Math.cos(z)
  for (let i = 1; i < 16; i++) sum += 2 * Math.cos(z * Math.sin((Math.PI * i) / 32))
  return sum / 32
}

// The Bessel function J1, as J0.
function besselj1(x) {
  const z = Math.abs(x)
  if (z > 25) return Math.sign(x) * hankel(1, z)
  let sum = Math.sin(x)
  for (let i = 1; i < 16; i++) {
    const sine = Math.sin((Math.PI * i) / 32)
    sum += 2 * sine * Math.sin(x * sine)
  }
  return sum / 32
}
`,
  ],
  /^function (\w+)/m,
)
