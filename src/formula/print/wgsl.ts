import type { Expression } from '../tree.ts'
import { functionLines, paragraphs } from './code.ts'
import type { Language } from './code.ts'
import { foldConstants } from './float32.ts'
import { printTree } from './piece.ts'
import { refuseHuge } from './statements.ts'
import { shaderNotation, shaderSupport, shaderWords } from './shader.ts'

/** An expression in WGSL, and the functions of our own that it calls. */
export interface WgslExpression {
  readonly expression: string
  /** For wgslHelpers, which gives their source together with what they call themselves. */
  readonly helpers: readonly string[]
}

/**
 * The formula as one WGSL expression of type f32, to be built into a shader. `nameOf` gives the text that stands for a
 * variable: a name, an index expression like row[3], or anything in parentheses. Every function is accurate to a few units of
 * float32's last place (see shaders/formula_*.wgsl), except that exp(x) errs by 3 + 2 |x| units.
 *
 * Throws ConfigError for constants that float32 cannot hold.
 */
export function wgslExpression(expression: Expression, nameOf: (variable: string) => string): WgslExpression {
  refuseHuge(expression)
  const { text } = printTree(foldConstants(expression), shaderNotation(nameOf))
  return { expression: text, helpers: shaderSupport.used(text) }
}

/** The WGSL source of these functions and of all that they call, each once, in an order that WGSL takes. */
export function wgslHelpers(names: Iterable<string>): string {
  return shaderSupport.source([...names])
}

/** Keywords and reserved words of WGSL (sections 16.1 and 16.2), and the types and functions that programs use. */
const reserved = [
  'alias break case const const_assert continue continuing default diagnostic discard else enable false fn',
  'for if let loop override requires return struct switch true var while NULL Self abstract active alignas',
  'alignof as asm asm_fragment async attribute auto await become cast catch class co_await co_return',
  'co_yield coherent column_major common compile compile_fragment concept const_cast consteval constexpr',
  'constinit crate debugger decltype delete demote demote_to_helper do dynamic_cast enum explicit export',
  'extends extern external fallthrough filter final finally friend from fxgroup get goto groupshared highp',
  'impl implements import inline instanceof interface layout lowp macro macro_rules match mediump meta mod',
  'module move mut mutable namespace new nil noexcept noinline nointerpolation non_coherent noncoherent',
  'noperspective null nullptr of operator package packoffset partition pass patch pixelfragment precise',
  'precision premerge priv protected pub public readonly ref regardless register reinterpret_cast require',
  'resource restrict self set shared sizeof smooth snorm static static_assert static_cast std subroutine',
  'super target template this thread_local throw trait try type typedef typeid typename typeof union unless',
  'unorm unsafe unsized use using varying virtual volatile wgsl where with writeonly yield f32 f16 i32 u32',
  'bool array atomic ptr vec2f vec2 vec3 vec4 bitcast exp2',
]

/** WGSL: a function of f32 numbers. */
export const wgsl: Language = {
  comment: '//',
  reserved: () => [...reserved, ...shaderWords()],
  support: shaderSupport,
  prepare: foldConstants,
  notation: shaderNotation,
  frame: program => {
    const list = program.parameters.map(each => `${each}: f32`).join(', ')
    const functions = functionLines(program, ({ name, named, result }) => [
      `fn ${name}(${list}) -> f32 {`,
      ...named.map(each => `  let ${each.name} = ${each.text};`),
      `  return ${result};`,
      '}',
    ])
    return paragraphs(program.support, ...functions)
  },
}
