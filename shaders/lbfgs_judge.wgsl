// The second half of a tick of L-BFGS: what to make of loss and gradient at the trial point. One workgroup a model.
//
//   FRESH       the model stands here now; it has stalled where the loss is not finite, unless it stopped before
//   SEARCHING   the line search takes the value and the slope g.d: on it goes, or the point is accepted, or the search has failed
//     accepted  the pair s = p - base, y = g - base gradient joins the rings if s.y > SAFE |s| |y|; the model stands here; the
//               loss before the iteration goes to the ring. After LEVEL iterations without a decrease the model has stalled
//     failed    with pairs: without them, once more. Without: the model has stalled
//   STUCK       the model has stalled, at its base, which its parameters have not left
//
// Threads and preconditions: see lbfgs_propose.wgsl. `objective` and `gradient` belong to `parameters`.

@group(1) @binding(0) var<storage, read> gradient: array<f32>;         // [M][P]
@group(1) @binding(1) var<storage, read_write> parameters: array<f32>; // [M][P]
@group(1) @binding(2) var<storage, read_write> memory: array<f32>;     // [M][MEMORY][P]
@group(1) @binding(3) var<storage, read_write> states: array<Lbfgs>;   // [M]
@group(1) @binding(4) var<storage, read> objective: array<f32>;        // [M]
@group(1) @binding(5) var<storage, read_write> ring: array<f32>;       // [iterations][M]
@group(1) @binding(6) var<storage, read_write> best: array<Best>;      // [M]

// In float32 a gradient's rounding gives a change that is no curvature.
const SAFE = 1e-5;
const STALLED = 2u;

// What the threads do to the vectors.
const NOTHING = 0u;
const STAND = 1u;
const KEEP_PAIR = 2u;
const GO_BACK = 3u;

var<workgroup> shared_word: u32;

@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let m = workgroup.z;
  let size = layer.parameters_stride;
  let own = m * MEMORY * size;
  if (local == 0u) {
    shared_word = states[m].phase;
  }
  let phase = workgroupUniformLoad(&shared_word);
  if (phase == READY) {
    return;
  }
  var part = 0.0;
  if (phase == SEARCHING) {
    for (var p = local; p < size; p += WIDTH) {
      part += gradient[m * size + p] * memory[own + DIRECTION * size + p];
    }
  }
  let slope = total(part, local);
  if (local == 0u) {
    shared_word = judge(m, workgroups.z, slope);
  }
  let action = workgroupUniformLoad(&shared_word);
  if (action == KEEP_PAIR) {
    keep_pair(m, own, size, local);
  }
  if (action == KEEP_PAIR || action == STAND) {
    for (var p = local; p < size; p += WIDTH) {
      memory[own + BASE_POINT * size + p] = parameters[m * size + p];
      memory[own + BASE_GRADIENT * size + p] = gradient[m * size + p];
    }
  } else if (action == GO_BACK) {
    for (var p = local; p < size; p += WIDTH) {
      parameters[m * size + p] = memory[own + BASE_POINT * size + p];
    }
  }
}

// One thread decides.
fn judge(m: u32, models_count: u32, slope: f32) -> u32 {
  var s = states[m];
  let value = objective[m];
  var action = NOTHING;
  var stalls = s.phase == STUCK;
  if (s.phase == FRESH) {
    s.evaluations += 1u;
    s.loss = value;
    s.count = 0u;
    s.newest = 0u;
    s.level = 0u;
    s.phase = READY;
    stalls = !is_finite(value) && best[m].stopped == 0u;
    action = STAND;
  } else if (s.phase == SEARCHING) {
    s.evaluations += 1u;
    let outcome = advance_search(&s, value, slope);
    if (outcome == ACCEPT) {
      action = KEEP_PAIR;
      finish_iteration(&s, m, models_count);
      s.level = select(s.level + 1u, 0u, value < s.loss);
      s.loss = value;
      if (s.level >= LEVEL) {
        best[m].stopped = STALLED;
      }
    } else if (outcome == FAILED) {
      action = GO_BACK;
      stalls = s.count == 0u;
      s.count = 0u;
      s.phase = READY;
    }
  }
  if (stalls) {
    finish_iteration(&s, m, models_count);
    best[m].stopped = STALLED;
  }
  states[m] = s;
  return action;
}

fn finish_iteration(s: ptr<function, Lbfgs>, m: u32, models_count: u32) {
  ring[((*s).iterations - step_now.start) * models_count + m] = (*s).loss;
  (*s).iterations += 1u;
  (*s).due = select(0u, 1u, (*s).iterations % EVALUATE_EVERY == 0u);
  (*s).phase = READY;
}

fn keep_pair(m: u32, own: u32, size: u32, local: u32) {
  var product_part = 0.0;
  var step_part = 0.0;
  var change_part = 0.0;
  for (var p = local; p < size; p += WIDTH) {
    let s = parameters[m * size + p] - memory[own + BASE_POINT * size + p];
    let y = gradient[m * size + p] - memory[own + BASE_GRADIENT * size + p];
    product_part += s * y;
    step_part += s * s;
    change_part += y * y;
  }
  let product = total(product_part, local);
  let step_square = total(step_part, local);
  let change_square = total(change_part, local);
  // Roots apart: the product of two small squares would leave float32.
  if (!(product > SAFE * sqrt(step_square) * sqrt(change_square)) || !is_finite(product)) {
    return;
  }
  if (local == 0u) {
    shared_word = select((states[m].newest + 1u) % HISTORY, 0u, states[m].count == 0u);
  }
  let slot = workgroupUniformLoad(&shared_word);
  for (var p = local; p < size; p += WIDTH) {
    memory[own + slot * size + p] = parameters[m * size + p] - memory[own + BASE_POINT * size + p];
    memory[own + (HISTORY + slot) * size + p] = gradient[m * size + p] - memory[own + BASE_GRADIENT * size + p];
  }
  if (local == 0u) {
    states[m].products[slot] = product;
    states[m].scale = product / change_square;
    states[m].newest = slot;
    states[m].count = min(HISTORY, states[m].count + 1u);
  }
}
