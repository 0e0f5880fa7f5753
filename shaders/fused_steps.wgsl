// Whole training steps with Adam, and the evaluations after them, of one model a workgroup.
//
//   for each of step_now.count steps, and a barrier where "|" stands:
//     for each tile of the batch:  rows forward, loss, backward  |  columns of a round  |  their sums  |  ... next round
//     [scale_spline  |]  [norm of the gradient  |  |]  weight decay and Adam  |
//     after every evaluate_every-th step:  rows of the evaluation forward, loss  |  |  verdict  |  keep
//
// Everything a step needs lies in the workgroup's memory but rows, moments and what a row hands to the gradient. Rows of a batch
// come straight from the set (gather.wgsl without its copy). Formulas: adam.wgsl, clip_gradient.wgsl, weight_decay.wgsl,
// reduce_loss.wgsl, keep.wgsl. The same steps give the same bits however they are cut into dispatches: parameters and moments
// are stored and loaded as they are.
// Preconditions: one workgroup a model; step_now is the record of the first step, and the others follow it; WIDTH is a multiple
// of GROUP; `constants` were copied after the last upload.

// What the last evaluation decided: the fields of Best.
var<workgroup> stopped: u32;
var<workgroup> improved: u32;

// A thread's share of the losses and weights of a tile of a batch; rows beyond it leave nothing.
fn tile_losses(m: u32, local: u32, slot: u32, tile: u32, rows: u32) -> vec2f {
  let model_x = fused.training.x + m * fused.training.x_stride;
  let model_y = fused.training.y + m * fused.training.y_stride;
  let model_weights = fused.training.weights + m * fused.training.weights_stride;
  let rows_at = fused.scratch + m * fused.scratch_stride;
  let position = steps[slot].step.start + tile;
  let half_bits = steps[slot].step.half_bits;
  let keys = steps[slot].step.keys;
  var sum = vec2f(0.0, 0.0);
  for (var b = local; b < rows; b += WIDTH) {
    let row = shuffled_row(position + b, half_bits, keys, fused.training.count);
    let weight = constants[model_weights + row];
    forward_row(m, model_x + row * fused.layers[0].inputs, rows_at + b, true);
    sum += weight * vec2f(row_loss(model_y + row * fused.training.targets, weight), 1.0);
    backward_row(rows_at + b);
  }
  return sum;
}

// A thread's share of the losses and weights of the evaluation's rows.
fn evaluation_losses(m: u32, local: u32) -> vec2f {
  let model_x = fused.evaluation.x + m * fused.evaluation.x_stride;
  let model_y = fused.evaluation.y + m * fused.evaluation.y_stride;
  let model_weights = fused.evaluation.weights + m * fused.evaluation.weights_stride;
  var sum = vec2f(0.0, 0.0);
  for (var row = local; row < fused.evaluation.count; row += WIDTH) {
    let weight = constants[model_weights + row];
    forward_row(m, model_x + row * fused.layers[0].inputs, 0u, false);
    sum += weight * vec2f(row_loss(model_y + row * fused.evaluation.targets, weight), 1.0);
  }
  return sum;
}

// Mean loss and 1 / sum of weights; both 0 for rows whose weights are all 0.
fn mean_loss() -> vec2f {
  let total = total_sum();
  if (total.y > 0.0) {
    return vec2f(total.x / total.y, 1.0 / total.y);
  }
  return vec2f(0.0, 0.0);
}

// What the gradient is multiplied by, that it is no longer than clip. Every thread calls it.
fn clip_share(local: u32, normaliser: f32) -> f32 {
  var sum = 0.0;
  for (var p = local; p < fused.parameters; p += WIDTH) {
    let g = normaliser * held[fused.gradient + p] / fused.clip;
    sum += g * g;
  }
  thread_sums[local] = vec2f(sum, 0.0);
  workgroupBarrier();
  sum_groups(local);
  workgroupBarrier();
  let total = total_sum().x;
  if (total <= 1.0) {
    return 1.0;
  }
  return select(0.0, 1.0 / sqrt(total), is_finite(total));
}

// Takes the thread's parameters one step on, and leaves a gradient of 0.
fn adam(m: u32, local: u32, slot: u32, factor: f32) {
  let rate = models[m].learning_rate * steps[slot].step.rate_factor;
  let first_correction = steps[slot].step.first_correction;
  let second_correction = steps[slot].step.second_correction;
  for (var p = local; p < fused.parameters; p += WIDTH) {
    let g = factor * held[fused.gradient + p];
    held[fused.gradient + p] = 0.0;
    if (stopped != 0u) {
      continue;
    }
    var value = held[p];
    if (fused.weight_decay > 0.0) {
      value -= rate * fused.weight_decay * constants[fused.trained + p] * value;
    }
    var moment = moments[m * fused.parameters + p];
    moment.x = fused.beta_1 * moment.x + fused.rest_1 * g;
    moment.y = fused.beta_2 * moment.y + fused.rest_2 * g * g;
    moments[m * fused.parameters + p] = moment;
    held[p] = value - rate * first_correction * moment.x / (sqrt(moment.y) * second_correction + fused.epsilon);
  }
}

@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let m = workgroup.z;
  let rounds = (fused.jobs + fused.round_jobs - 1u) / fused.round_jobs;
  let rows_at = fused.scratch + m * fused.scratch_stride;
  for (var p = local; p < fused.parameters; p += WIDTH) {
    held[p] = parameters[m * fused.parameters + p];
    held[fused.gradient + p] = 0.0;
  }
  for (var edge = local; edge < fused.edges; edge += WIDTH) {
    held[fused.held_mask + edge] = constants[fused.mask + m * fused.mask_stride + edge];
  }
  if (HOLDS_CURVES == 1u) {
    for (var word = local; word < fused.knot_words; word += WIDTH) {
      held[fused.held_knots + word] = constants[fused.knots + m * fused.knots_stride + word];
    }
    for (var word = local; word < fused.piece_words; word += WIDTH) {
      held[fused.held_pieces + word] = constants[fused.pieces + m * fused.pieces_stride + word];
    }
  }
  if (local == 0u) {
    stopped = best[m].stopped;
  }
  workgroupBarrier();

  for (var s = 0u; s < step_now.count; s++) {
    let slot = step_now.slot + s;
    let size = steps[slot].step.size;
    let number = steps[slot].step.number;
    var losses = vec2f(0.0, 0.0);
    for (var tile = 0u; tile < size; tile += fused.tile_rows) {
      let rows = min(fused.tile_rows, size - tile);
      losses += tile_losses(m, local, slot, tile, rows);
      storageBarrier();
      thread_sums[local] = losses;
      for (var round = 0u; round < rounds; round++) {
        sum_columns(local, round, rows_at, rows);
        workgroupBarrier();
        add_columns(local, round);
        sum_groups(local);
        workgroupBarrier();
      }
      // Rows of the next tile, or step, overwrite these.
      storageBarrier();
    }
    if (trains(TRAINS_SPLINE_SCALE)) {
      split_scale(local);
      workgroupBarrier();
    }
    let loss = mean_loss();
    var factor = loss.y;
    if (fused.clip > 0.0) {
      factor *= clip_share(local, loss.y);
    }
    adam(m, local, slot, factor);
    if (local == 0u) {
      scratch[slot * workgroups.z + m] = loss.x;
      best[m].steps_done = number;
    }
    workgroupBarrier();

    if (number % fused.evaluate_every == 0u) {
      thread_sums[local] = evaluation_losses(m, local);
      workgroupBarrier();
      sum_groups(local);
      workgroupBarrier();
      if (local == 0u) {
        let evaluated = mean_loss().x;
        scratch[fused.evaluation_ring + steps[slot].step.evaluation * workgroups.z + m] = evaluated;
        take_evaluation(m, evaluated, number);
        stopped = best[m].stopped;
        improved = best[m].improved;
      }
      workgroupBarrier();
      if (improved == 1u) {
        for (var p = local; p < fused.parameters; p += WIDTH) {
          best_parameters[m * fused.parameters + p] = held[p];
        }
      }
    }
  }

  for (var p = local; p < fused.parameters; p += WIDTH) {
    parameters[m * fused.parameters + p] = held[p];
  }
}
