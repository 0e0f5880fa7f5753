// What every kernel shares: the shape of the layer it works on, the step it works in, and one record a model.
//
// The host puts a short prelude of constants in front (engine/webgpu/pipelines.ts):
//   DEGREE   k, the spline degree, 1 to 5;  ORDER = k + 1, the bases that are not zero at a point
//   WIDTH    invocations a workgroup
// Layouts, outermost first (M models, B rows of the pass; the output index is innermost in parameters):
//   parameters [M][P]   with coef [inputs][bases][outputs], then four smaller groups (src/model/shape.ts)
//   basis      [M][B][inputs][2 + 2 ORDER]: b(x), b'(x), the ORDER values, their ORDER slopes
//   places     [M][B][inputs]: index of the first of those ORDER bases
//   sums       [M][B][outputs]: sum_i phi_ij, before node scale and bias
//   nodes      [M][B][nodes], of a layer with products: with both, and multiplied (products.wgsl)

struct Layer {
  rows: u32,               // B, rows of this pass
  inputs: u32,
  outputs: u32,
  bases: u32,              // G + k
  knots_per_input: u32,    // G + 2k + 1
  input_stride: u32,       // words from one model's input rows to the next model's; 0: all models share them
  parameters_stride: u32,  // P
  knots_stride: u32,
  pieces_stride: u32,
  edges_stride: u32,
  coef: u32,               // offsets of this layer's groups in one model's parameters
  scale_base: u32,
  scale_spline: u32,
  node_scale: u32,
  node_bias: u32,
  knots: u32,              // offsets of this layer in one model's knots, pieces and mask
  pieces: u32,
  edges: u32,
  previous_node_scale: u32, // offsets of the affine map that the inputs still need; NONE for the network's inputs and for nodes
  previous_node_bias: u32,
  slices: u32,             // the batch is cut into this many slices for the coefficient gradient
  slice_rows: u32,
  partials: u32,           // words of partial loss sums a model, and where this pass's chunk begins
  chunk: u32,
  rows_stride: u32,        // rows from one model's targets and weights to the next model's; 0: all models share them
  nodes: u32,              // after the layer: its outputs, with the factors of each product as one
}

struct Step {
  slot: u32,               // place of this step's loss in the ring
  number: u32,             // steps done after this one
  evaluation: u32,         // place of the evaluation after this step
  start: u32,              // first position of the batch in the epoch's order
  size: u32,               // rows of the batch that count; the rest are padding
  source_rows: u32,        // rows of the set that the batch is taken from
  half_bits: u32,          // 0: rows in order; else the shuffle's h (src/engine/shuffle.ts)
  patience: u32,
  keys: vec4u,             // the shuffle's round keys in this epoch
  first_correction: f32,   // Adam's 1 / (1 - beta1^t) and 1 / sqrt(1 - beta2^t)
  second_correction: f32,
  rate_factor: f32,        // what the schedule multiplies the learning rate by
  count: u32,              // steps from this one on that one dispatch takes (fused_steps.wgsl)
}

// One record a model. Step lengths will join.
struct Model {
  learning_rate: f32,
  lambda: f32,             // what the penalty is multiplied by; 0: none
  reserved_1: f32,
  reserved_2: f32,
}

// What evaluations found so far, one record a model.
struct Best {
  loss: f32,
  step: u32,
  stale: u32,              // evaluations since the best one
  stopped: u32,            // why the model takes part no more: 1 patience ran out, 2 stalled (STOPPED in engine.ts)
  improved: u32,           // 1 when the last evaluation was the best so far
  steps_done: u32,         // written by every step: the host sees a lost device by it
}

@group(0) @binding(0) var<uniform> layer: Layer;
@group(0) @binding(1) var<uniform> step_now: Step;
@group(0) @binding(2) var<storage, read> models: array<Model>;

const NONE = 0xffffffffu;

// One index for work that is folded into two dispatch dimensions (65535 workgroups each).
fn flat_index(workgroup: vec3u, workgroups: vec3u, local: u32) -> u32 {
  return (workgroup.y * workgroups.x + workgroup.x) * WIDTH + local;
}

// Infinity or NaN, by bits: compilers may fold `x != x` to false.
fn is_finite(x: f32) -> bool {
  return (bitcast<u32>(x) & 0x7f800000u) != 0x7f800000u;
}
