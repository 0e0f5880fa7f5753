// Whole training steps of a small network by one workgroup a model: what the parts of the kernel share. In this order they are
// one shader: base_function, shuffle, loss_terms, verdict, fused_model, fused_row, fused_gradient, fused_steps.
//
// The host's prelude (engine/webgpu/fusedprogram.ts) adds to common.wgsl's:
//   MOST_LAYERS, MOST_NODES  layers there can be, and nodes of a layer
//   SLOT_BYTES               from one step record to the next
//   HOLDS_CURVES             1: knots and polynomials lie in the workgroup's memory too
//   BASE, LOSS, DELTA        as in the kernels of one pass each
// Nothing else is a constant, so that plans of every shape share one pipeline: it is a large shader, and takes long to compile.
//
// Layouts:
//   constants  what never changes during a run, copied together, as a stage has eight storage buffers: masks, knots, local
//              polynomials, rows of training and of evaluation, [P] flags of trainable parameters
//   scratch    both loss rings, [slots][M] each, then for each model [row elements][tile_rows], so that neighbouring threads,
//              which own neighbouring rows, touch neighbouring words. A row's elements are, layer by layer, a record an input:
//              place, base value, ORDER values, and, but in the first layer, which nobody asks for a gradient by its inputs,
//              base slope and ORDER slopes; then the gradients by the layer's outputs; then its sums if node scales are trained
//   held       in the workgroup's memory: the model's parameters, [P]; their gradient before its division by the sum of weights,
//              [P]; masks, [edges]; columns of fused_gradient.wgsl; knots and polynomials if HOLDS_CURVES
// Preconditions: all layers have the same degree and base; HELD words hold `held`.

struct FusedLayer {
  inputs: u32,
  outputs: u32,
  bases: u32,
  knots_per_input: u32,
  coef: u32,               // offsets of the groups in a model's parameters
  scale_base: u32,
  scale_spline: u32,
  node_scale: u32,
  node_bias: u32,
  knots: u32,              // offsets of this layer in a model's knots, pieces and masks
  pieces: u32,
  mask: u32,
  records: u32,            // first element of a row's records, gradients and sums
  gradients: u32,
  sums: u32,
  record: u32,             // elements of a record
}

// Where rows lie in `constants`: first words, and words from one model's to the next model's (0: all models share them).
struct FusedRows {
  x: u32,
  y: u32,
  weights: u32,
  count: u32,
  x_stride: u32,
  y_stride: u32,
  weights_stride: u32,
  targets: u32,            // words of y a row
}

struct Fused {
  training: FusedRows,
  evaluation: FusedRows,
  mask: u32,
  mask_stride: u32,
  knots: u32,
  knots_stride: u32,
  pieces: u32,
  pieces_stride: u32,
  trained: u32,
  evaluate_every: u32,
  evaluation_ring: u32,    // first word in scratch; the ring of losses begins at 0
  scratch: u32,            // first word of model 0's rows, and words a model
  scratch_stride: u32,
  tile_rows: u32,          // rows that are held at a time
  jobs: u32,               // edges, then nodes if their affine map is trained: columns to be summed
  slices: u32,             // threads that share a job
  round_jobs: u32,         // jobs at a time
  layer_count: u32,
  parameters: u32,         // P
  edges: u32,              // of all layers
  gradient: u32,           // first words in `held`; the parameters begin at 0
  held_mask: u32,
  columns: u32,
  column_count: u32,       // threads that sum coefficient gradients, and words each has for it: max (bases) + 1
  column: u32,
  trains: u32,             // bits: TRAINS_...
  beta_1: f32,             // Adam, and 1 - beta in float64 precision
  rest_1: f32,
  beta_2: f32,
  rest_2: f32,
  epsilon: f32,
  clip: f32,               // 0: none
  weight_decay: f32,       // 0: none
  held_knots: u32,         // first words in `held`, and words of a model
  held_pieces: u32,
  knot_words: u32,
  piece_words: u32,
  reserved: u32,
  layers: array<FusedLayer, MOST_LAYERS>,
}

const TRAINS_COEF = 1u;
const TRAINS_BASE = 2u;
const TRAINS_SPLINE_SCALE = 4u;
const TRAINS_NODE_SCALE = 8u;
const TRAINS_NODE_BIAS = 16u;

struct StepSlot {
  @size(SLOT_BYTES) step: Step,
}

@group(1) @binding(0) var<uniform> fused: Fused;
@group(1) @binding(1) var<storage, read> steps: array<StepSlot>;
@group(1) @binding(2) var<storage, read> constants: array<f32>;
@group(1) @binding(3) var<storage, read_write> parameters: array<f32>;      // [M][P]
@group(1) @binding(4) var<storage, read_write> moments: array<vec2f>;       // [M][P]: (m, v)
@group(1) @binding(5) var<storage, read_write> best: array<Best>;           // [M]
@group(1) @binding(6) var<storage, read_write> best_parameters: array<f32>; // [M][P]
@group(1) @binding(7) var<storage, read_write> scratch: array<f32>;

fn trains(groups: u32) -> bool {
  return (fused.trains & groups) != 0u;
}

// A thread's sum, then those of GROUP threads, for losses and norms: two levels take two barriers, a tree would take eight.
const GROUP = 16u;
const GROUPS = WIDTH / GROUP;
var<workgroup> thread_sums: array<vec2f, WIDTH>;
var<workgroup> group_sums: array<vec2f, GROUPS>;

// All that is left of 16 KiB but for two flags, which count 16 bytes each.
const HELD = 4096u - 2u * (WIDTH + GROUPS) - 8u;
var<workgroup> held: array<f32, HELD>;

// Adds the threads' sums, in order, a group a thread. A barrier must stand before it, and one after.
fn sum_groups(local: u32) {
  if (local < GROUPS) {
    var sum = vec2f(0.0, 0.0);
    for (var t = local * GROUP; t < (local + 1u) * GROUP; t++) {
      sum += thread_sums[t];
    }
    group_sums[local] = sum;
  }
}

fn total_sum() -> vec2f {
  var sum = vec2f(0.0, 0.0);
  for (var g = 0u; g < GROUPS; g++) {
    sum += group_sums[g];
  }
  return sum;
}
