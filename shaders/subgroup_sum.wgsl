// Adds a pair of numbers over a workgroup: in each subgroup first, then the subgroups in order. One barrier instead of
// log2(WIDTH). The order within a subgroup is the device's, and the same every time there. The result is in every thread.
// Preconditions: the directives `enable subgroups` and `requires subgroup_id` stand at the top.

struct Subgroups {
  @builtin(subgroup_id) id: u32,
  @builtin(num_subgroups) count: u32,
}

var<workgroup> shared_sums: array<vec2f, WIDTH>;

fn workgroup_sum(value: vec2f, _local: u32, subgroups: Subgroups) -> vec2f {
  let own = subgroupAdd(value);
  if (subgroupElect()) {
    shared_sums[subgroups.id] = own;
  }
  workgroupBarrier();
  var sum = vec2f(0.0);
  for (var s = 0u; s < subgroups.count; s++) {
    sum += shared_sums[s];
  }
  return sum;
}
