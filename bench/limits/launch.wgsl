// What a dispatch costs that does next to nothing: `empty` touches no memory, `chained` waits for the one before it.

@group(0) @binding(0) var<storage, read_write> counter: array<u32>;

@compute @workgroup_size(64)
fn empty() {
}

@compute @workgroup_size(64)
fn chained(@builtin(local_invocation_index) local: u32) {
  if (local == 0u) {
    counter[0] += 1u;
  }
}
