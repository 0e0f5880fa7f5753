// Where the L-BFGS of each model stands, and its line search: what lbfgs_propose, lbfgs_judge and lbfgs_verdict share. The search
// is src/engine/linesearch.ts, line for line; formulas, source and reasons are there. Precondition: WIDTH is a power of two.
//
// Memory of a model, MEMORY P words: the steps s and the gradient changes y of the last iterations, two rings [HISTORY][P]; the
// point where it stands, its gradient there, and the direction of the search, [P] each.

// f(step) and its slope along the direction.
struct Point {
  step: f32,
  value: f32,
  slope: f32,
}

struct Lbfgs {
  phase: u32,
  iterations: u32,         // done
  evaluations: u32,        // of loss and gradient, done
  due: u32,                // 1: the evaluation that follows the iteration just done is still to come
  count: u32,              // pairs in the rings, and the slot of the last one
  newest: u32,
  loss: f32,               // where the model stands
  scale: f32,              // s.y / y.y of the last pair
  step: f32,               // where the search evaluates next
  stage: u32,
  trials: u32,
  slow: u32,
  level: u32,              // last iterations that did not lower the loss
  start: Point,
  low: Point,
  high: Point,
  products: array<f32, HISTORY>, // s.y of each slot
}

const HISTORY = 10u;
const MEMORY = 2u * HISTORY + 3u;
const BASE_POINT = 2u * HISTORY;
const BASE_GRADIENT = 2u * HISTORY + 1u;
const DIRECTION = 2u * HISTORY + 2u;

// Phases: the next evaluation is where the model stands; a direction is wanted; a search is under way; there is no way down.
const FRESH = 0u;
const READY = 1u;
const SEARCHING = 2u;
const STUCK = 3u;

// Stages of a search.
const BRACKET = 0u;
const ZOOM = 1u;
const RETURN = 2u;

// Outcomes of an evaluation.
const EVALUATE = 0u;
const ACCEPT = 1u;
const FAILED = 2u;

const SUFFICIENT = 1e-4;
const FLAT = 0.9;
const MOST_EVALUATIONS = 25u;
const UNIT = 5.9604645e-8;  // 2^-24
const NARROWEST = 16.0;
// In place of infinity, which compilers may assume away.
const FAR_TOO_HIGH = 3e38;

var<workgroup> sums: array<f32, WIDTH>;

// The sum of every thread's value, the same for all. WIDTH is a power of two.
fn total(value: f32, local: u32) -> f32 {
  sums[local] = value;
  for (var half = WIDTH / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (local < half) {
      sums[local] += sums[local + half];
    }
  }
  return workgroupUniformLoad(&sums[0]);
}

fn begin_search(s: ptr<function, Lbfgs>, slope: f32, step: f32) {
  (*s).start = Point(0.0, (*s).loss, slope);
  (*s).low = (*s).start;
  (*s).stage = BRACKET;
  (*s).trials = 0u;
  (*s).slow = 0u;
  (*s).step = step;
  (*s).phase = SEARCHING;
}

fn advance_search(s: ptr<function, Lbfgs>, value: f32, slope: f32) -> u32 {
  if ((*s).stage == RETURN) {
    return ACCEPT;
  }
  (*s).trials += 1u;
  var point = Point((*s).step, value, slope);
  if (!is_finite(value) || !is_finite(slope)) {
    point = Point((*s).step, FAR_TOO_HIGH, 0.0);
  }
  if ((*s).stage == BRACKET) {
    return advance_bracket(s, point);
  }
  return advance_zoom(s, point);
}

fn is_flat(s: ptr<function, Lbfgs>, point: Point) -> bool {
  return abs(point.slope) <= -FLAT * (*s).start.slope;
}

fn is_lower(s: ptr<function, Lbfgs>, point: Point) -> bool {
  return point.value <= (*s).start.value + SUFFICIENT * point.step * (*s).start.slope;
}

fn is_level(s: ptr<function, Lbfgs>, point: Point) -> bool {
  let size = abs((*s).start.value);
  return point.value <= (*s).start.value + 2.0 * UNIT * (size + sqrt(size));
}

fn advance_bracket(s: ptr<function, Lbfgs>, point: Point) -> u32 {
  let rises = !is_lower(s, point) || ((*s).trials > 2u && point.value >= (*s).low.value);
  if (is_flat(s, point) && (!rises || is_level(s, point))) {
    return ACCEPT;
  }
  if (rises || point.slope >= 0.0) {
    (*s).high = point;
    sort_bracket(s);
    (*s).stage = ZOOM;
    return narrow(s);
  }
  if ((*s).trials > MOST_EVALUATIONS) {
    (*s).low = point;
    return settle(s);
  }
  (*s).step = interpolate((*s).low, point, point.step + 0.01 * (point.step - (*s).low.step), 10.0 * point.step);
  (*s).low = point;
  return EVALUATE;
}

fn advance_zoom(s: ptr<function, Lbfgs>, point: Point) -> u32 {
  if (is_flat(s, point) && is_level(s, point) && point.value <= (*s).low.value) {
    return ACCEPT;
  }
  if (!is_lower(s, point) || point.value >= (*s).low.value) {
    (*s).high = point;
    sort_bracket(s);
  } else {
    if (point.slope * ((*s).high.step - (*s).low.step) >= 0.0) {
      (*s).high = (*s).low;
    }
    (*s).low = point;
  }
  return narrow(s);
}

fn narrow(s: ptr<function, Lbfgs>) -> u32 {
  let left = min((*s).low.step, (*s).high.step);
  let right = max((*s).low.step, (*s).high.step);
  if ((*s).trials > MOST_EVALUATIONS || right - left <= NARROWEST * UNIT * right) {
    return settle(s);
  }
  var step = interpolate((*s).low, (*s).high, left, right);
  let margin = 0.1 * (right - left);
  if (min(right - step, step - left) < margin) {
    if ((*s).slow == 1u || step >= right || step <= left) {
      step = select(left + margin, right - margin, abs(step - right) < abs(step - left));
      (*s).slow = 0u;
    } else {
      (*s).slow = 1u;
    }
  } else {
    (*s).slow = 0u;
  }
  (*s).step = step;
  return EVALUATE;
}

fn settle(s: ptr<function, Lbfgs>) -> u32 {
  if ((*s).low.step == 0.0 || (*s).low.value >= (*s).start.value) {
    return FAILED;
  }
  if ((*s).low.step == (*s).step) {
    return ACCEPT;
  }
  (*s).step = (*s).low.step;
  (*s).stage = RETURN;
  return EVALUATE;
}

fn sort_bracket(s: ptr<function, Lbfgs>) {
  if ((*s).low.value > (*s).high.value) {
    let low = (*s).low;
    (*s).low = (*s).high;
    (*s).high = low;
  }
}

fn interpolate(a: Point, b: Point, least: f32, most: f32) -> f32 {
  var left = a;
  var right = b;
  if (a.step > b.step) {
    left = b;
    right = a;
  }
  let middle = 0.5 * (least + most);
  if (left.value >= FAR_TOO_HIGH || right.value >= FAR_TOO_HIGH) {
    return middle;
  }
  let width = right.step - left.step;
  let d1 = left.slope + right.slope + 3.0 * (left.value - right.value) / width;
  let square = d1 * d1 - left.slope * right.slope;
  if (!(square >= 0.0)) {
    return middle;
  }
  let d2 = sqrt(square);
  let step = right.step - width * ((right.slope + d2 - d1) / (right.slope - left.slope + 2.0 * d2));
  return select(middle, clamp(step, least, most), is_finite(step));
}
