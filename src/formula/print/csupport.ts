import { support } from './support.ts'

/** The functions that math.h lacks, or that hide a NaN there (fmin, fmax). j0 and j1 are POSIX, not C. */
export const csupport = /* @__PURE__ */ support(
  [
    `
static double square(double x) {
  return x * x;
}

static double sign(double x) {
  return x > 0.0 ? 1.0 : x < 0.0 ? -1.0 : x;
}

static double minimum(double x, double y) {
  return x < y || isnan(x) ? x : y;
}

static double maximum(double x, double y) {
  return x > y || isnan(x) ? x : y;
}

static double gaussian(double x) {
  return exp(-x * x);
}

static double sigmoid(double x) {
  return 1.0 / (1.0 + exp(-x));
}

static double silu(double x) {
  return x == -INFINITY ? 0.0 : x * sigmoid(x);
}

// Hankel's expansion of the Bessel functions J0 and J1 for z > 25 (Abramowitz and Stegun 9.2.5 to 9.2.10).
static double hankel(int order, double z) {
  if (isinf(z)) return 0.0;
  double p = 1.0, q = 0.0, term = 1.0;
  for (int k = 1; fabs(term) > 1e-18; k++) {
    const double odd = 2.0 * k - 1.0;
    term *= (4.0 * order * order - odd * odd) / (8.0 * k * z);
    const double next = k & 2 ? -term : term;
    if (k & 1) q += next;
    else p += next;
  }
  const double c = cos(z), s = sin(z), scale = 1.0 / sqrt(3.141592653589793 * z);
  return order == 0 ? scale * (p * (c + s) - q * (s - c)) : scale * (p * (s - c) + q * (s + c));
}

// The Bessel function J0, within 1e-15: Bessel's integral by the trapezoidal rule, or Hankel's expansion.
static double bessel_j0(double x) {
  const double z = fabs(x);
  if (z > 25.0) return hankel(0, z);
  double sum = 1.0 + cos(z);
  for (int i = 1; i < 16; i++) sum += 2.0 * cos(z * sin(3.141592653589793 * i / 32.0));
  return sum / 32.0;
}

// The Bessel function J1, as J0.
static double bessel_j1(double x) {
  const double z = fabs(x);
  if (z > 25.0) return x < 0.0 ? -hankel(1, z) : hankel(1, z);
  double sum = sin(x);
  for (int i = 1; i < 16; i++) {
    const double sine = sin(3.141592653589793 * i / 32.0);
    sum += 2.0 * sine * sin(x * sine);
  }
  return sum / 32.0;
}
`,
  ],
  /^static double (\w+)/m,
)
