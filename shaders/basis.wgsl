// A record of bases (bases.wgsl) once a (row, input), shared by all outputs. A thread owns one; neighbours own neighbouring
// inputs.

var<private> record: u32;

fn put(word: u32, value: f32) {
  basis[record + word] = value;
}

@compute @workgroup_size(WIDTH)
fn main(
  @builtin(workgroup_id) workgroup: vec3u,
  @builtin(num_workgroups) workgroups: vec3u,
  @builtin(local_invocation_index) local: u32,
) {
  let index = flat_index(workgroup, workgroups, local);
  if (index >= layer.rows * layer.inputs) {
    return;
  }
  let own = workgroup.z * layer.rows * layer.inputs + index;
  record = own * RECORD;
  places[own] = put_record(workgroup.z, index / layer.inputs, index % layer.inputs);
}
