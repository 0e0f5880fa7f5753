/**
 * As much of WebAssembly's binary format (core specification 2.0, chapter 5, with SIMD) as the kernels of this folder need. Code is
 * an array of bytes that leaves at most one value; kernels are put together from it by functions, so that TypeScript loops
 * unroll, and no compiler stands between a kernel and its reader.
 */
export type Code = readonly (number | Code)[]
type Bytes = readonly number[]

const TYPES = { i32: 0x7f, f64: 0x7c, v128: 0x7b } as const
export type ValueType = keyof typeof TYPES

/** A parameter or variable of a function. */
export interface Local {
  readonly index: number
  readonly type: ValueType
}

/** A function in the making: hands out its locals. Parameters come first; all of them are i32. */
export class Scope {
  readonly params: number
  readonly #types: ValueType[] = []

  constructor(params: number) {
    this.params = params
  }

  param(index: number): Local {
    return { index, type: 'i32' }
  }

  local(type: ValueType): Local {
    return { index: this.params + this.#types.push(type) - 1, type }
  }

  /** A local of the type for each name. */
  locals<Name extends string>(type: ValueType, ...names: Name[]): Record<Name, Local> {
    return Object.fromEntries(names.map(each => [each, this.local(type)])) as Record<Name, Local>
  }

  /** The declarations and the code as an entry of the code section. */
  body(code: Code): Bytes {
    const locals = this.#types.flatMap(type => [1, TYPES[type]])
    return sized([...unsigned(this.#types.length), ...locals, ...flatten(code), 0x0b])
  }
}

/** LEB128, unsigned and signed (section 5.2.2). */
function unsigned(value: number): Bytes {
  const bytes: number[] = []
  let rest = value
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
    rest >>>= 7
  } while (rest > 0)
  return bytes
}

function signed(value: number): Bytes {
  const bytes: number[] = []
  let rest = value
  for (;;) {
    const byte = rest & 0x7f
    rest >>= 7
    if ((rest === 0 && byte < 0x40) || (rest === -1 && byte >= 0x40)) return [...bytes, byte]
    bytes.push(byte | 0x80)
  }
}

/** The bytes of a tree, in order. */
function flatten(code: Code, bytes: number[] = []): number[] {
  for (const part of code)
    if (typeof part === 'number') bytes.push(part)
    else flatten(part, bytes)
  return bytes
}

function sized(content: Bytes): Bytes {
  return [...unsigned(content.length), ...content]
}

const section = (id: number, entries: readonly Bytes[]): Bytes => [
  id,
  ...sized([...unsigned(entries.length), ...entries.flat()]),
]

const name = (text: string): Bytes => sized([...new TextEncoder().encode(text)])

type Binary = (a: Code, b: Code) => Code
const binary =
  (...opcode: number[]): Binary =>
  (a, b) => [a, b, opcode]

/** The address `address` + `offset`, in bytes; `opcode` says what happens there. Alignment is a hint only: 4 bytes. */
const at = (opcode: Code, offset: number): Code => [opcode, 2, unsigned(offset)]

export const get = (local: Local): Code => [0x20, unsigned(local.index)]
export const set = (local: Local, value: Code): Code => [value, 0x21, unsigned(local.index)]

export const i32 = {
  const: (value: number): Code => [0x41, signed(value)],
  load: (address: Code, offset = 0): Code => [address, at([0x28], offset)],
  add: binary(0x6a),
  sub: binary(0x6b),
  mul: binary(0x6c),
  shl: (a: Code, bits: number): Code => [a, i32.const(bits), 0x74],
  store: (address: Code, value: Code, offset = 0): Code => [address, value, at([0x36], offset)],
  shr: (a: Code, bits: number): Code => [a, i32.const(bits), 0x76],
  /** Unsigned, as addresses are. */
  less: binary(0x49),
  atLeast: binary(0x4f),
  lessSigned: binary(0x48),
  equal: binary(0x46),
  min: (a: Code, b: Code): Code => [a, b, i32.lessSigned(a, b), 0x1b],
  max: (a: Code, b: Code): Code => [a, b, i32.lessSigned(b, a), 0x1b],
  and: binary(0x71),
  or: binary(0x72),
  select: (condition: Code, yes: Code, no: Code): Code => [yes, no, condition, 0x1b],
  /** Towards 0; the nearest i32 where there is none, 0 for NaN. */
  truncate: (a: Code): Code => [a, 0xfc, 0x02],
  toF64: (a: Code): Code => [a, 0xb7],
}

export const f64 = {
  load: (address: Code, offset = 0): Code => [address, at([0x2b], offset)],
  store: (address: Code, value: Code, offset = 0): Code => [address, value, at([0x39], offset)],
  add: binary(0xa0),
  sub: binary(0xa1),
  mul: binary(0xa2),
  div: binary(0xa3),
  less: binary(0x63),
  lessOrEqual: binary(0x65),
}

const I32X4_TRUNC_SAT_F64X2 = [0xfd, 0xfc, 0x01]
const I64X2_EXTEND_I32X4 = [0xfd, 0xc7, 0x01]
const I64X2_ADD = [0xfd, 0xce, 0x01]
const I64X2_SHL = [0xfd, 0xcb, 0x01]
/** v128.const of two 1023, what the exponent of a float64 is offset by. */
const EXPONENT_OFFSETS = [0xfd, 0x0c, 0xff, 3, 0, 0, 0, 0, 0, 0, 0xff, 3, 0, 0, 0, 0, 0, 0]

/** Vectors of two float64. No relaxed operations: results have the same bits on every machine. */
export const f64x2 = {
  zero: [0xfd, 0x0c, ...Array<number>(16).fill(0)] as Code,
  load: (address: Code, offset = 0): Code => [address, at([0xfd, 0x00], offset)],
  /** One number into both lanes. */
  splat: (address: Code, offset = 0): Code => [address, at([0xfd, 0x0a], offset)],
  /** One number into the first lane, 0 into the other. */
  loadOne: (address: Code, offset = 0): Code => [address, at([0xfd, 0x5d], offset)],
  store: (address: Code, value: Code, offset = 0): Code => [address, value, at([0xfd, 0x0b], offset)],
  /** The first lane only. */
  storeOne: (address: Code, value: Code, offset = 0): Code => [address, value, at([0xfd, 0x5b], offset), 0],
  add: binary(0xfd, 0xf0, 0x01),
  sub: binary(0xfd, 0xf1, 0x01),
  mul: binary(0xfd, 0xf2, 0x01),
  div: binary(0xfd, 0xf3, 0x01),
  /** NaN where either is. */
  min: binary(0xfd, 0xf4, 0x01),
  max: binary(0xfd, 0xf5, 0x01),
  negate: (a: Code): Code => [a, 0xfd, 0xed, 0x01],
  nearest: (a: Code): Code => [a, 0xfd, 0x94, 0x01],
  /** 2^n for whole numbers n from -1022 to 1023; infinity for 1024. */
  powerOfTwo: (n: Code): Code => [
    n,
    I32X4_TRUNC_SAT_F64X2,
    I64X2_EXTEND_I32X4,
    EXPONENT_OFFSETS,
    I64X2_ADD,
    i32.const(52),
    I64X2_SHL,
  ],
  select: (condition: Code, yes: Code, no: Code): Code => [yes, no, condition, 0x1c, 1, TYPES.v128],
  /** The numbers at two addresses. */
  pair: (first: Code, second: Code): Code => [second, f64x2.loadOne(first), at([0xfd, 0x57], 0), 1],
  storeSecond: (address: Code, value: Code, offset = 0): Code => [
    address,
    value,
    at([0xfd, 0x5b], offset),
    1,
  ],
  lane: (value: Code, lane: 0 | 1): Code => [value, 0xfd, 0x21, lane],
  /** The first lanes of two vectors, and the second lanes. */
  firsts: binary(0xfd, 0x0d, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),
  seconds: binary(0xfd, 0x0d, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31),
}

/** Runs the body while the condition, an i32, is not 0. */
export function repeatWhile(condition: Code, ...body: Code[]): Code {
  return [0x02, 0x40, 0x03, 0x40, condition, 0x45, 0x0d, 1, body, 0x0c, 0, 0x0b, 0x0b]
}

/** Runs the body once, and again while the condition is not 0. */
export function repeatUntilNot(condition: Code, ...body: Code[]): Code {
  return [0x03, 0x40, body, condition, 0x0d, 0, 0x0b]
}

export function either(condition: Code, yes: Code, no: Code): Code {
  return [condition, 0x04, 0x40, yes, 0x05, no, 0x0b]
}

export function when(condition: Code, ...body: Code[]): Code {
  return [condition, 0x04, 0x40, body, 0x0b]
}

/** A function that takes i32s and returns nothing. */
export interface ModuleFunction {
  readonly name: string
  readonly scope: Scope
  readonly code: Code
}

/** '\0asm' and the version, 1. */
const MAGIC = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]

/** A module over the memory `env.memory` (up to 4 GiB) that exports the functions. */
export function assemble(functions: readonly ModuleFunction[], shared: boolean): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ scope }): Bytes => {
    const params = Array<number>(scope.params).fill(TYPES.i32)
    return [0x60, ...sized(params), 0]
  })
  const memory = [...name('env'), ...name('memory'), 0x02, shared ? 0x03 : 0x01, 0, ...unsigned(65536)]
  return new Uint8Array([
    ...MAGIC,
    ...section(1, types),
    ...section(2, [memory]),
    ...section(
      3,
      functions.map((_, f) => unsigned(f)),
    ),
    ...section(
      7,
      functions.map((f, index) => [...name(f.name), 0x00, ...unsigned(index)]),
    ),
    ...section(
      10,
      functions.map(({ scope, code }) => scope.body(code)),
    ),
  ])
}
