import { functionLines, paragraphs } from './code.ts'
import type { Language } from './code.ts'
import { foldConstants } from './float32.ts'
import { shaderNotation, shaderSupport, shaderWords } from './shader.ts'
import type { Support } from './support.ts'

/** The types of the support functions, in WGSL and in GLSL; both write a value of a type as a call: f32(x), float(x). */
const TYPES: ReadonlyMap<string, string> = new Map([
  ['f32', 'float'],
  ['u32', 'uint'],
  ['i32', 'int'],
  ['bool', 'bool'],
  ['vec2f', 'vec2'],
])

/**
 * The support functions of shaders/formula_*.wgsl in GLSL: declarations name the type first, bits are read by other
 * functions, and the rest is word for word the same.
 *
 *     fn f(x: f32) -> f32 {      float f(float x) {
 *     let s: f32 = x * x;        float s = x * x;
 *     bitcast<u32>(x)            floatBitsToUint(x)
 */
function translated(wgsl: string): string {
  return wgsl
    .replaceAll('bitcast<u32>', 'floatBitsToUint')
    .replaceAll('bitcast<f32>', 'uintBitsToFloat')
    .replaceAll(/^fn (\w+)\((.*)\) -> (\w+) \{/gm, '$3 $1($2) {')
    .replaceAll(/\b(?:let|var) (\w+): (\w+)/g, '$2 $1')
    .replaceAll(/\b(\w+): (\w+)(?=[,)])/g, '$2 $1')
    .replaceAll(/\b(?:f32|u32|i32|vec2f)\b/g, type => TYPES.get(type)!)
}

const glslSupport: Support = {
  names: () => shaderSupport.names(),
  used: text => shaderSupport.used(text),
  source: names => translated(shaderSupport.source(names)),
}

/** Keywords and reserved words of GLSL ES 3.00 (section 3.8), and the types and functions that programs use. */
const reserved = [
  'attribute const uniform varying layout centroid flat smooth break continue do for while switch case',
  'default if else in out inout float int void bool true false invariant discard return mat2 mat3 mat4 vec2',
  'vec3 vec4 ivec2 ivec3 ivec4 bvec2 bvec3 bvec4 uint uvec2 uvec3 uvec4 lowp mediump highp precision',
  'sampler2D struct coherent volatile restrict readonly writeonly resource atomic_uint noperspective patch',
  'sample subroutine common partition active asm class union enum typedef template this goto inline',
  'noinline public static extern external interface long short double half fixed unsigned superp input',
  'output hvec2 dvec2 fvec2 filter image2D sizeof cast namespace using shared buffer main sin cos tan asin',
  'acos atan sinh cosh tanh asinh acosh atanh pow log exp2 log2 inversesqrt radians degrees trunc round',
  'fract mod modf mix step smoothstep isnan isinf length distance dot cross normalize reflect refract',
  'transpose inverse determinant outerProduct not any all equal lessThan texture dFdx dFdy fwidth',
]

/** Whole numbers have 16 bits in a fragment shader of GLSL ES unless it asks for more; elsewhere these lines change nothing. */
const PRECISION = 'precision highp float;\nprecision highp int;'

/** GLSL ES 3.00 (WebGL 2) and desktop GLSL 3.30: a function of floats. */
export const glsl: Language = {
  comment: '//',
  reserved: () => [...reserved, ...shaderWords()],
  support: glslSupport,
  prepare: foldConstants,
  notation: shaderNotation,
  frame: program => {
    const list = program.parameters.map(each => `float ${each}`).join(', ')
    const functions = functionLines(program, ({ name, named, result }) => [
      `float ${name}(${list}) {`,
      ...named.map(each => `  float ${each.name} = ${each.text};`),
      `  return ${result};`,
      '}',
    ])
    return paragraphs(PRECISION, program.support, ...functions)
  },
}
