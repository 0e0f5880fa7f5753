/** A column of finite numbers. */
export interface NumericColumn {
  readonly name: string
  readonly kind: 'numeric'
  readonly values: Float64Array
  /** How each value is written in the file (class labels keep it); absent beyond 1000 distinct values. */
  readonly written?: ReadonlyMap<number, string>
}

/** A column of texts, without surrounding spaces. */
export interface TextColumn {
  readonly name: string
  readonly kind: 'text'
  readonly values: readonly string[]
}

export type Column = NumericColumn | TextColumn

/** A rectangular table in memory: every column holds `rows` values, none missing. */
export interface Table {
  /** What messages call it, such as the file's name. */
  readonly name: string
  readonly rows: number
  readonly columns: readonly Column[]
  /** Rows left out because of missing values. */
  readonly dropped: number
  /** Which of the file's rows each row is (the first is 0), where the table comes from a file. */
  readonly kept?: Uint32Array
  /** The line of the file each row begins on (the header is line 1), where the table comes from a file. */
  readonly lines?: Uint32Array
}
