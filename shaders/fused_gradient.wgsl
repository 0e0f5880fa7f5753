// The parameters' gradients over a tile of rows, gathered as in backward_coef.wgsl: a thread owns a job and a slice of the rows and
// keeps its sums in a column of its own; then an element owns what the slices of its job left, and adds them in order.
//
//   job < edges   the edge (i, j): column[n] = sum_b g_bj B_n(x_bi), column[bases] = sum_b g_bj b(x_bi)
//   others        the node j of a layer: column[0] = sum_b g_bj sum_bj, column[1] = sum_b g_bj
//   g_bj = dL/dx[l+1, b, j]; an edge's mask and node scale are multiplied afterwards
//
// Slice s of S takes the rows s, s + S, ..., so that neighbouring threads read neighbouring rows. A round has as many whole jobs as
// there are columns; word n of column t lies at [n * column_count + t]: neighbouring threads hit neighbouring banks.
// Preconditions: a barrier of storage after fused_row.wgsl; slices <= column_count.

// Where a job belongs: the layer, and the edge or node in it.
struct Job {
  l: u32,
  index: u32,
}

fn job_of(job: u32) -> Job {
  var l = 0u;
  var index = job;
  if (job < fused.edges) {
    while (index >= fused.layers[l].inputs * fused.layers[l].outputs) {
      index -= fused.layers[l].inputs * fused.layers[l].outputs;
      l++;
    }
    return Job(l, index);
  }
  index -= fused.edges;
  while (index >= fused.layers[l].outputs) {
    index -= fused.layers[l].outputs;
    l++;
  }
  return Job(l, index);
}

// Thread `t` sums its slice of its job in round `round`, over the tile's first `rows` rows; `rows_at` is the tile in scratch.
fn sum_columns(t: u32, round: u32, rows_at: u32, rows: u32) {
  let in_round = t / fused.slices;
  let job = round * fused.round_jobs + in_round;
  if (in_round >= fused.round_jobs || job >= fused.jobs) {
    return;
  }
  let slice = t % fused.slices;
  let stride = fused.tile_rows;
  let own = job_of(job);
  let outputs = fused.layers[own.l].outputs;
  let gradients = rows_at + (fused.layers[own.l].gradients + own.index % outputs) * stride;
  if (job >= fused.edges) {
    let own_sums = rows_at + (fused.layers[own.l].sums + own.index) * stride;
    var scale = 0.0;
    var bias = 0.0;
    for (var b = slice; b < rows; b += fused.slices) {
      let g = scratch[gradients + b];
      bias += g;
      if (trains(TRAINS_NODE_SCALE)) {
        scale += g * scratch[own_sums + b];
      }
    }
    held[fused.columns + t] = scale;
    held[fused.columns + fused.column_count + t] = bias;
    return;
  }
  let record = rows_at + (fused.layers[own.l].records + (own.index / outputs) * fused.layers[own.l].record) * stride;
  let column = fused.columns + t;
  for (var n = 0u; n < fused.column; n++) {
    held[column + n * fused.column_count] = 0.0;
  }
  var base_sum = 0.0;
  for (var b = slice; b < rows; b += fused.slices) {
    let g = scratch[gradients + b];
    let place = bitcast<u32>(scratch[record + b]);
    base_sum += g * scratch[record + stride + b];
    for (var r = 0u; r < ORDER; r++) {
      held[column + (place + r) * fused.column_count] += g * scratch[record + (2u + r) * stride + b];
    }
  }
  held[column + fused.layers[own.l].bases * fused.column_count] = base_sum;
}

// Adds the columns of round `round` to the gradient. Frozen groups keep 0.
fn add_columns(local: u32, round: u32) {
  let first_job = round * fused.round_jobs;
  let jobs = min(fused.round_jobs, fused.jobs - first_job);
  for (var element = local; element < jobs * fused.column; element += WIDTH) {
    let in_round = element % jobs;
    let n = element / jobs;
    let job = first_job + in_round;
    let own = job_of(job);
    let outputs = fused.layers[own.l].outputs;
    let bases = fused.layers[own.l].bases;
    if (n > select(1u, bases, job < fused.edges)) {
      continue;
    }
    var raw = 0.0;
    let first = fused.columns + n * fused.column_count + in_round * fused.slices;
    for (var s = 0u; s < fused.slices; s++) {
      raw += held[first + s];
    }
    if (job >= fused.edges) {
      if (n == 0u && trains(TRAINS_NODE_SCALE)) {
        held[fused.gradient + fused.layers[own.l].node_scale + own.index] += raw;
      }
      if (n == 1u && trains(TRAINS_NODE_BIAS)) {
        held[fused.gradient + fused.layers[own.l].node_bias + own.index] += raw;
      }
      continue;
    }
    let i = own.index / outputs;
    let j = own.index % outputs;
    raw *= held[fused.held_mask + fused.layers[own.l].mask + own.index]
      * held[fused.layers[own.l].node_scale + j];
    if (n == bases) {
      if (trains(TRAINS_BASE)) {
        held[fused.gradient + fused.layers[own.l].scale_base + own.index] += raw;
      }
      continue;
    }
    let at = fused.layers[own.l].coef + (i * bases + n) * outputs + j;
    if (trains(TRAINS_SPLINE_SCALE)) {
      held[fused.gradient + at] += raw;
    } else if (trains(TRAINS_COEF)) {
      held[fused.gradient + at] += held[fused.layers[own.l].scale_spline + own.index] * raw;
    }
  }
}

// scale_spline.wgsl, where add_columns left raw sums: d scale_spline = sum_n coef raw_n; then d coef = scale_spline raw.
fn split_scale(local: u32) {
  for (var job = local; job < fused.edges; job += WIDTH) {
    let own = job_of(job);
    let outputs = fused.layers[own.l].outputs;
    let bases = fused.layers[own.l].bases;
    let scale = held[fused.layers[own.l].scale_spline + own.index];
    let first = fused.layers[own.l].coef + (own.index / outputs) * bases * outputs + own.index % outputs;
    var sum = 0.0;
    for (var n = 0u; n < bases; n++) {
      let at = first + n * outputs;
      sum += held[at] * held[fused.gradient + at];
      held[fused.gradient + at] = select(0.0, scale * held[fused.gradient + at], trains(TRAINS_COEF));
    }
    held[fused.gradient + fused.layers[own.l].scale_spline + own.index] = sum;
  }
}
