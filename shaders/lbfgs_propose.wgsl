// The first half of a tick of L-BFGS: where loss and gradient are evaluated next. One workgroup a model.
//
//   READY       d = -H g by the two-loop recursion over the pairs (Nocedal and Wright, "Numerical optimization", 2nd ed.,
//               algorithm 7.4), H_0 = scale I; -g itself where there are no pairs, or d does not go down. The first trial step
//               is 1, or min(1, 1 / |g|_1) without pairs.
//   SEARCHING   parameters = base + step d
//
// A model that has done the iterations asked for, or has stopped, is left where it is, and so is one that is FRESH.
// A thread owns the words p = local, local + WIDTH, ... of every vector: nothing passes between threads but sums.
// Preconditions: WIDTH is a power of two; lbfgs_judge.wgsl ran after the last evaluation.

@group(1) @binding(0) var<storage, read_write> parameters: array<f32>; // [M][P]
@group(1) @binding(1) var<storage, read_write> memory: array<f32>;     // [M][MEMORY][P]
@group(1) @binding(2) var<storage, read_write> states: array<Lbfgs>;   // [M]
@group(1) @binding(3) var<storage, read> best: array<Best>;            // [M]

const IDLE = 4u;

var<workgroup> shared_phase: u32;
var<workgroup> shared_count: u32;
var<workgroup> shared_step: f32;

@compute @workgroup_size(WIDTH)
fn main(@builtin(workgroup_id) workgroup: vec3u, @builtin(local_invocation_index) local: u32) {
  let m = workgroup.z;
  let size = layer.parameters_stride;
  let own = m * MEMORY * size;
  if (local == 0u) {
    shared_phase = states[m].phase;
    shared_count = states[m].count;
    if (shared_phase == READY && (states[m].iterations >= step_now.number || best[m].stopped != 0u)) {
      shared_phase = IDLE;
    }
  }
  let phase = workgroupUniformLoad(&shared_phase);
  if (phase != READY && phase != SEARCHING) {
    return;
  }
  if (phase == READY) {
    let count = workgroupUniformLoad(&shared_count);
    direct(m, own, size, count, local);
    choose_step(m, own, size, local);
  }
  if (local == 0u) {
    shared_phase = states[m].phase;
    shared_step = states[m].step;
  }
  if (workgroupUniformLoad(&shared_phase) != SEARCHING) {
    return;
  }
  let step = workgroupUniformLoad(&shared_step);
  for (var p = local; p < size; p += WIDTH) {
    parameters[m * size + p] = memory[own + BASE_POINT * size + p] + step * memory[own + DIRECTION * size + p];
  }
}

// The two-loop recursion over `count` pairs, newest first and back.
fn direct(m: u32, own: u32, size: u32, count: u32, local: u32) {
  let direction = own + DIRECTION * size;
  for (var p = local; p < size; p += WIDTH) {
    memory[direction + p] = -memory[own + BASE_GRADIENT * size + p];
  }
  if (count == 0u) {
    return;
  }
  let newest = states[m].newest;
  var shares: array<f32, HISTORY>;
  for (var age = 0u; age < count; age++) {
    let slot = (newest + HISTORY - age) % HISTORY;
    let steps = own + slot * size;
    let changes = own + (HISTORY + slot) * size;
    var product = 0.0;
    for (var p = local; p < size; p += WIDTH) {
      product += memory[steps + p] * memory[direction + p];
    }
    shares[age] = total(product, local) / states[m].products[slot];
    for (var p = local; p < size; p += WIDTH) {
      memory[direction + p] -= shares[age] * memory[changes + p];
    }
  }
  for (var p = local; p < size; p += WIDTH) {
    memory[direction + p] *= states[m].scale;
  }
  for (var after = count; after > 0u; after--) {
    let age = after - 1u;
    let slot = (newest + HISTORY - age) % HISTORY;
    let steps = own + slot * size;
    let changes = own + (HISTORY + slot) * size;
    var product = 0.0;
    for (var p = local; p < size; p += WIDTH) {
      product += memory[changes + p] * memory[direction + p];
    }
    let share = total(product, local) / states[m].products[slot];
    for (var p = local; p < size; p += WIDTH) {
      memory[direction + p] += (shares[age] - share) * memory[steps + p];
    }
  }
}

// Begins the search, along -g if the direction does not go down.
fn choose_step(m: u32, own: u32, size: u32, local: u32) {
  let gradient = own + BASE_GRADIENT * size;
  let direction = own + DIRECTION * size;
  var slope_part = 0.0;
  var square_part = 0.0;
  var sum_part = 0.0;
  for (var p = local; p < size; p += WIDTH) {
    let g = memory[gradient + p];
    slope_part += g * memory[direction + p];
    square_part += g * g;
    sum_part += abs(g);
  }
  var slope = total(slope_part, local);
  let square = total(square_part, local);
  let sum = total(sum_part, local);
  let goes_down = slope < 0.0 && is_finite(slope);
  if (!goes_down) {
    slope = -square;
    for (var p = local; p < size; p += WIDTH) {
      memory[direction + p] = -memory[gradient + p];
    }
  }
  if (local != 0u) {
    return;
  }
  var s = states[m];
  if (!goes_down) {
    s.count = 0u;
  }
  if (slope < 0.0 && is_finite(slope)) {
    begin_search(&s, slope, select(1.0, min(1.0, 1.0 / sum), s.count == 0u));
  } else {
    s.phase = STUCK;
  }
  states[m] = s;
}
