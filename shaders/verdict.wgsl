// What an evaluation decides. Shared by reduce_loss.wgsl and lbfgs_verdict.wgsl, which bind `best`, read_write.
//
//   finite loss < best    it becomes the best, and `improved` tells keep.wgsl to copy the parameters
//   any other             the model is staler by one; at `patience` (0: never) it stops
//
// A model that has stopped keeps its best. The host never decides: a run's result cannot depend on timing.
// Precondition: one thread a model calls it.

const OUT_OF_PATIENCE = 1u;

fn take_evaluation(m: u32, loss: f32, number: u32) {
  best[m].improved = 0u;
  if (best[m].stopped != 0u) {
    return;
  }
  if (is_finite(loss) && loss < best[m].loss) {
    best[m].loss = loss;
    best[m].step = number;
    best[m].stale = 0u;
    best[m].improved = 1u;
  } else {
    best[m].stale += 1u;
    if (step_now.patience > 0u && best[m].stale >= step_now.patience) {
      best[m].stopped = OUT_OF_PATIENCE;
    }
  }
}
