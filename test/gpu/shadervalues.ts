/** Values of printed shader functions of some variables at many points: x is row-major [points][variables]. */
export interface ShaderRun {
  /** The program, which has the function f. */
  readonly program: string
  readonly x: Float32Array<ArrayBuffer>
  readonly variables: number
}

/** The values of a WGSL function f(x0: f32, ..) -> f32, by a compute shader. */
export async function wgslValues(
  device: GPUDevice,
  { program, x, variables }: ShaderRun,
): Promise<Float32Array> {
  const args = Array.from({ length: variables }, (_, i) => `x[id.x * ${variables}u + ${i}u]`)
  const code = `
    ${program}
    @group(0) @binding(0) var<storage, read> x: array<f32>;
    @group(0) @binding(1) var<storage, read_write> y: array<f32>;
    @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) id: vec3u) {
      if (id.x < arrayLength(&y)) { y[id.x] = f(${args.join(', ')}); }
    }`
  const pipeline = await device.createComputePipelineAsync({
    layout: 'auto',
    compute: { module: device.createShaderModule({ code }) },
  })
  const points = x.length / variables
  const usage = GPUBufferUsage.STORAGE
  const input = device.createBuffer({ size: x.byteLength, usage: usage | GPUBufferUsage.COPY_DST })
  const output = device.createBuffer({ size: 4 * points, usage: usage | GPUBufferUsage.COPY_SRC })
  const staging = device.createBuffer({
    size: 4 * points,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  })
  device.queue.writeBuffer(input, 0, x)
  const encoder = device.createCommandEncoder()
  const pass = encoder.beginComputePass()
  pass.setPipeline(pipeline)
  const entries = [input, output].map((buffer, binding) => ({ binding, resource: { buffer } }))
  pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }))
  pass.dispatchWorkgroups(Math.ceil(points / 64))
  pass.end()
  encoder.copyBufferToBuffer(output, 0, staging, 0, 4 * points)
  device.queue.submit([encoder.finish()])
  await staging.mapAsync(GPUMapMode.READ)
  const values = new Float32Array(staging.getMappedRange().slice(0))
  for (const buffer of [input, output, staging]) buffer.destroy()
  return values
}

/** A WebGL 2 context that can draw float32. Throws where the browser has none: its tests are never skipped. */
export function requireWebGl(): WebGL2RenderingContext {
  const gl = new OffscreenCanvas(1, 1).getContext('webgl2')
  if (gl === null) throw new Error('This browser has no WebGL 2, so the GLSL tests cannot run.')
  if (gl.getExtension('EXT_color_buffer_float') === null)
    throw new Error('This WebGL 2 draws no float32, so the GLSL tests cannot run.')
  return gl
}

/** The values of a GLSL function f(float x0, ..), by a fragment shader that draws one row of pixels, a pixel a point. */
export function glslValues(gl: WebGL2RenderingContext, { program, x, variables }: ShaderRun): Float32Array {
  const points = x.length / variables
  const args = Array.from({ length: variables }, (_, i) => `texelFetch(x, ivec2(${i}, gl_FragCoord.x), 0).x`)
  const linked = linkedProgram(
    gl,
    `#version 300 es
    void main() { gl_Position = vec4(gl_VertexID == 1 ? 3 : -1, gl_VertexID == 2 ? 3 : -1, 0, 1); }`,
    `#version 300 es
    uniform highp sampler2D x;
    ${program}
    out highp float y;
    void main() { y = f(${args.join(', ')}); }`,
  )
  const input = texture(gl, variables, points, x)
  const output = texture(gl, points, 1, null)
  gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer())
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, output, 0)
  gl.bindTexture(gl.TEXTURE_2D, input)
  gl.viewport(0, 0, points, 1)
  gl.useProgram(linked)
  gl.drawArrays(gl.TRIANGLES, 0, 3)
  const values = new Float32Array(points)
  gl.readPixels(0, 0, points, 1, gl.RED, gl.FLOAT, values)
  const error = gl.getError()
  if (error !== gl.NO_ERROR) throw new Error(`WebGL reports error ${error}.`)
  gl.deleteTexture(input)
  gl.deleteTexture(output)
  gl.deleteProgram(linked)
  return values
}

function linkedProgram(gl: WebGL2RenderingContext, vertex: string, fragment: string): WebGLProgram {
  const program = gl.createProgram()
  for (const [type, source] of [
    [gl.VERTEX_SHADER, vertex],
    [gl.FRAGMENT_SHADER, fragment],
  ] as const) {
    const shader = gl.createShader(type)
    if (shader === null) throw new Error('WebGL makes no shader.')
    gl.shaderSource(shader, source)
    gl.compileShader(shader)
    const log = gl.getShaderInfoLog(shader)
    if (gl.getShaderParameter(shader, gl.COMPILE_STATUS) !== true) throw new Error(`${log}\n${source}`)
    gl.attachShader(program, shader)
  }
  gl.linkProgram(program)
  if (gl.getProgramParameter(program, gl.LINK_STATUS) !== true)
    throw new Error(gl.getProgramInfoLog(program) ?? 'The GLSL program does not link.')
  return program
}

/** A texture of one float32 a texel. */
function texture(
  gl: WebGL2RenderingContext,
  width: number,
  height: number,
  values: Float32Array | null,
): WebGLTexture {
  const made = gl.createTexture()
  gl.bindTexture(gl.TEXTURE_2D, made)
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.R32F, width, height, 0, gl.RED, gl.FLOAT, values)
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.NEAREST)
  gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.NEAREST)
  return made
}
