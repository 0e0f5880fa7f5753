/**
 * The three kernels of layer.ts for five terms, that is degree 3 (and 1 and 2, padded with zeros): unrolled, two outputs at
 * a time and a single one at the end. Degree 2 through the loops of layer.ts takes 2.5 times as long (width [4, 20, 20, 1], 4096
 * rows, V8 11.3).
 */

/** y[j] += sum_t v[t] c[t][j], input i. */
export function forwardUnrolled(
  runs: number,
  order: Int32Array,
  starts: Int32Array,
  values: Float64Array,
  i: number,
  outputs: number,
  c: Float64Array,
  at: number,
  base: number,
  y: Float64Array,
  rowStride: number,
): void {
  for (let run = 0; run < runs; run++) {
    const p0 = i * rowStride + starts[i * (runs + 1) + run]!
    const p1 = i * rowStride + starts[i * (runs + 1) + run + 1]!
    if (p0 === p1) continue
    const r0 = at + run * outputs
    const r1 = r0 + outputs
    const r2 = r1 + outputs
    const r3 = r2 + outputs
    let j = 0
    for (; j + 1 < outputs; j += 2) {
      const a0 = c[r0 + j]!
      const a1 = c[r1 + j]!
      const a2 = c[r2 + j]!
      const a3 = c[r3 + j]!
      const a4 = c[base + j]!
      const b0 = c[r0 + j + 1]!
      const b1 = c[r1 + j + 1]!
      const b2 = c[r2 + j + 1]!
      const b3 = c[r3 + j + 1]!
      const b4 = c[base + j + 1]!
      const column = j * rowStride
      for (let p = p0; p < p1; p++) {
        const v = p * 5
        const v0 = values[v]!
        const v1 = values[v + 1]!
        const v2 = values[v + 2]!
        const v3 = values[v + 3]!
        const v4 = values[v + 4]!
        const left = column + order[p]!
        const right = left + rowStride
        y[left] = y[left]! + (v0 * a0 + v1 * a1 + (v2 * a2 + v3 * a3) + v4 * a4)
        y[right] = y[right]! + (v0 * b0 + v1 * b1 + (v2 * b2 + v3 * b3) + v4 * b4)
      }
    }
    if (j < outputs) {
      const a0 = c[r0 + j]!
      const a1 = c[r1 + j]!
      const a2 = c[r2 + j]!
      const a3 = c[r3 + j]!
      const a4 = c[base + j]!
      const column = j * rowStride
      for (let p = p0; p < p1; p++) {
        const v = p * 5
        const b = column + order[p]!
        y[b] =
          y[b]! +
          (values[v]! * a0 +
            values[v + 1]! * a1 +
            (values[v + 2]! * a2 + values[v + 3]! * a3) +
            values[v + 4]! * a4)
      }
    }
  }
}

/** dc[t][j] += sum over rows of v[t] dy[j], input i. */
export function coefGradientUnrolled(
  runs: number,
  order: Int32Array,
  starts: Int32Array,
  values: Float64Array,
  i: number,
  outputs: number,
  dy: Float64Array,
  dc: Float64Array,
  at: number,
  base: number,
  rowStride: number,
): void {
  for (let run = 0; run < runs; run++) {
    const p0 = i * rowStride + starts[i * (runs + 1) + run]!
    const p1 = i * rowStride + starts[i * (runs + 1) + run + 1]!
    if (p0 === p1) continue
    const r0 = at + run * outputs
    const r1 = r0 + outputs
    const r2 = r1 + outputs
    const r3 = r2 + outputs
    let j = 0
    for (; j + 1 < outputs; j += 2) {
      let a0 = 0
      let a1 = 0
      let a2 = 0
      let a3 = 0
      let a4 = 0
      let b0 = 0
      let b1 = 0
      let b2 = 0
      let b3 = 0
      let b4 = 0
      const column = j * rowStride
      for (let p = p0; p < p1; p++) {
        const v = p * 5
        const left = column + order[p]!
        const da = dy[left]!
        const db = dy[left + rowStride]!
        const v0 = values[v]!
        const v1 = values[v + 1]!
        const v2 = values[v + 2]!
        const v3 = values[v + 3]!
        const v4 = values[v + 4]!
        a0 += v0 * da
        a1 += v1 * da
        a2 += v2 * da
        a3 += v3 * da
        a4 += v4 * da
        b0 += v0 * db
        b1 += v1 * db
        b2 += v2 * db
        b3 += v3 * db
        b4 += v4 * db
      }
      dc[r0 + j] = dc[r0 + j]! + a0
      dc[r1 + j] = dc[r1 + j]! + a1
      dc[r2 + j] = dc[r2 + j]! + a2
      dc[r3 + j] = dc[r3 + j]! + a3
      dc[base + j] = dc[base + j]! + a4
      dc[r0 + j + 1] = dc[r0 + j + 1]! + b0
      dc[r1 + j + 1] = dc[r1 + j + 1]! + b1
      dc[r2 + j + 1] = dc[r2 + j + 1]! + b2
      dc[r3 + j + 1] = dc[r3 + j + 1]! + b3
      dc[base + j + 1] = dc[base + j + 1]! + b4
    }
    if (j < outputs) {
      let a0 = 0
      let a1 = 0
      let a2 = 0
      let a3 = 0
      let a4 = 0
      const column = j * rowStride
      for (let p = p0; p < p1; p++) {
        const v = p * 5
        const da = dy[column + order[p]!]!
        a0 += values[v]! * da
        a1 += values[v + 1]! * da
        a2 += values[v + 2]! * da
        a3 += values[v + 3]! * da
        a4 += values[v + 4]! * da
      }
      dc[r0 + j] = dc[r0 + j]! + a0
      dc[r1 + j] = dc[r1 + j]! + a1
      dc[r2 + j] = dc[r2 + j]! + a2
      dc[r3 + j] = dc[r3 + j]! + a3
      dc[base + j] = dc[base + j]! + a4
    }
  }
}

/** dx[i] += sum_j dy[j] sum_t v'[t] c[t][j]. */
export function inputGradientUnrolled(
  runs: number,
  order: Int32Array,
  starts: Int32Array,
  slopes: Float64Array,
  i: number,
  outputs: number,
  c: Float64Array,
  at: number,
  base: number,
  dy: Float64Array,
  dx: Float64Array,
  rowStride: number,
): void {
  const input = i * rowStride
  for (let run = 0; run < runs; run++) {
    const p0 = input + starts[i * (runs + 1) + run]!
    const p1 = input + starts[i * (runs + 1) + run + 1]!
    if (p0 === p1) continue
    const r0 = at + run * outputs
    const r1 = r0 + outputs
    const r2 = r1 + outputs
    const r3 = r2 + outputs
    let j = 0
    for (; j + 1 < outputs; j += 2) {
      const a0 = c[r0 + j]!
      const a1 = c[r1 + j]!
      const a2 = c[r2 + j]!
      const a3 = c[r3 + j]!
      const a4 = c[base + j]!
      const b0 = c[r0 + j + 1]!
      const b1 = c[r1 + j + 1]!
      const b2 = c[r2 + j + 1]!
      const b3 = c[r3 + j + 1]!
      const b4 = c[base + j + 1]!
      const column = j * rowStride
      for (let p = p0; p < p1; p++) {
        const v = p * 5
        const b = order[p]!
        const s0 = slopes[v]!
        const s1 = slopes[v + 1]!
        const s2 = slopes[v + 2]!
        const s3 = slopes[v + 3]!
        const s4 = slopes[v + 4]!
        dx[input + b] =
          dx[input + b]! +
          (dy[column + b]! * (s0 * a0 + s1 * a1 + (s2 * a2 + s3 * a3) + s4 * a4) +
            dy[column + b + rowStride]! * (s0 * b0 + s1 * b1 + (s2 * b2 + s3 * b3) + s4 * b4))
      }
    }
    if (j < outputs) {
      const a0 = c[r0 + j]!
      const a1 = c[r1 + j]!
      const a2 = c[r2 + j]!
      const a3 = c[r3 + j]!
      const a4 = c[base + j]!
      const column = j * rowStride
      for (let p = p0; p < p1; p++) {
        const v = p * 5
        const b = order[p]!
        const slope =
          slopes[v]! * a0 +
          slopes[v + 1]! * a1 +
          (slopes[v + 2]! * a2 + slopes[v + 3]! * a3) +
          slopes[v + 4]! * a4
        dx[input + b] = dx[input + b]! + dy[column + b]! * slope
      }
    }
  }
}
