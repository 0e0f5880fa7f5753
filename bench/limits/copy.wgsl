// How fast memory is read and written: 16 bytes a thread each way, neighbours next to neighbours.
//
//   to[n] <- from[n];  bytes = 32 a thread

@group(0) @binding(0) var<storage, read> source: array<vec4f>;
@group(0) @binding(1) var<storage, read_write> to: array<vec4f>;

@compute @workgroup_size(256)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) workgroups: vec3u) {
  let index = id.y * workgroups.x * 256u + id.x;
  if (index < arrayLength(&to)) {
    to[index] = source[index];
  }
}
