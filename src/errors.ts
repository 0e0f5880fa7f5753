/**
 * The errors webkan throws. Each message gives the value, the limit and the remedy.
 * `name` is written out, not read from the class, so that it survives minifiers, workers and pages (engine/remote).
 */
export class WebkanError extends Error {
  override readonly name: string = 'WebkanError'
}

/** A setting is out of its range, or two settings contradict each other. */
export class ConfigError extends WebkanError {
  override readonly name = 'ConfigError'
}

/** An array does not have the length or the nesting that is needed. */
export class ShapeError extends WebkanError {
  override readonly name = 'ShapeError'
}

/** The caller's table or samples cannot be used: missing, ragged, non-finite, constant. */
export class DataError extends WebkanError {
  override readonly name = 'DataError'
}

/** This machine, browser or build cannot do what was asked. */
export class UnsupportedError extends WebkanError {
  override readonly name = 'UnsupportedError'
}

/** The GPU was lost or the engine was destroyed while it was in use. */
export class DeviceLostError extends WebkanError {
  override readonly name = 'DeviceLostError'
}

/** A buffer would exceed the device's limits, or the process has no room for an array; nothing stays allocated. */
export class OutOfMemoryError extends WebkanError {
  override readonly name = 'OutOfMemoryError'
}

/** The loss became NaN or infinite; the model holds the last good weights. */
export class NonFiniteError extends WebkanError {
  override readonly name = 'NonFiniteError'
}

/** A search was stopped by its caller before it had found anything. */
export class StoppedError extends WebkanError {
  override readonly name = 'StoppedError'
}

/** A file is not what it claims to be: truncated, altered, or of another format. */
export class FormatError extends WebkanError {
  override readonly name = 'FormatError'
}
