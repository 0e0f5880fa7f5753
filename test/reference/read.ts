import { readFileSync } from 'node:fs'

/** Parses a reference file beside this one. The caller names its shape; README.md here describes each file. */
export function readReference<Shape>(name: string): Shape {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8')) as Shape
}

export interface BasisCase {
  k: number
  kind: 'uniform' | 'nonuniform'
  G: number
  t: number[]
  x: number[]
  /** [x][G + k]: values, first and second derivatives. */
  B: number[][]
  dB: number[][]
  d2B: number[][]
}

export interface ThirdDerivativeCase {
  k: number
  kind: 'uniform' | 'nonuniform'
  G: number
  d3B: number[][]
}

/** pykan's parameters of one layer: grid [in][G+2k+1], coef [in][out][G+k], the others [in][out] or [nodes]. */
export interface LayerParams {
  grid: number[][]
  coef: number[][][]
  scale_base: number[][]
  scale_sp: number[][]
  mask: number[][]
  node_scale: number[]
  node_bias: number[]
  subnode_scale: number[]
  subnode_bias: number[]
}

export interface ModelParams {
  width: [sums: number, products: number][]
  k: number
  grid_eps: number
  layers: LayerParams[]
}

export interface LayerGradients {
  coef: number[][][]
  scale_base: number[][]
  scale_sp: number[][]
  node_scale?: number[]
  node_bias?: number[]
  subnode_scale?: number[]
  subnode_bias?: number[]
}

export interface ReferenceModel {
  name: string
  params: ModelParams
  x: number[][]
  y: number[][]
  out: number[][]
  acts: number[][][]
  mse: number
  grad_mse: { x: number[][]; layers: LayerGradients[] }
  dout_dx: number[][]
}

export interface RefineFile {
  source: ModelParams
  x: number[][]
  out_first10: number[][]
  refined: Record<
    string,
    {
      layers: { grid: number[][]; coef: number[][][] }[]
      out_first10: number[][]
      max_abs_out_change: number
      inv_cond: number[][]
    }
  >
}

export interface UpdateGridCase {
  name: string
  grid_eps: number
  before: ModelParams
  x: number[][]
  out_before_first8: number[][]
  out_after_first8: number[][]
  layers_after: { grid: number[][]; coef: number[][][] }[]
}
