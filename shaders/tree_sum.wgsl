// Adds a pair of numbers over a workgroup, by halving: the same order and the same bits everywhere. The result is thread 0's
// alone.
// Precondition: WIDTH is a power of two.

// Nothing: subgroup_sum.wgsl has what it needs here.
struct Subgroups {
  @builtin(local_invocation_id) unused: vec3u,
}

var<workgroup> shared_sums: array<vec2f, WIDTH>;

fn workgroup_sum(value: vec2f, local: u32, _subgroups: Subgroups) -> vec2f {
  shared_sums[local] = value;
  for (var half = WIDTH / 2u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (local < half) {
      shared_sums[local] += shared_sums[local + half];
    }
  }
  return shared_sums[0];
}
