/** The root of every error this library throws on purpose: `catch (e) { if (e instanceof CotangentError) … }`. */
export class CotangentError extends Error {
  override readonly name: string = 'CotangentError'
}

/** Shapes, axes or sizes that an operation cannot take. */
export class ShapeError extends CotangentError {
  override readonly name: string = 'ShapeError'
}

/** A dtype that an operation cannot take. */
export class DTypeError extends CotangentError {
  override readonly name: string = 'DTypeError'
}

/** A value or option outside what an operation accepts. */
export class ValueError extends CotangentError {
  override readonly name: string = 'ValueError'
}

/** A tree (nested arrays and objects) of the wrong structure, or with something in it that is not a leaf. */
export class TreeError extends CotangentError {
  override readonly name: string = 'TreeError'
}

/** A traced value that was read, coerced or leaked, or a function that cannot be traced. */
export class TracerError extends CotangentError {
  override readonly name: string = 'TracerError'
}

/** A device that is not there, or that cannot do what is asked. */
export class DeviceError extends CotangentError {
  override readonly name: string = 'DeviceError'
}

/** Data that is still on its way from a device, or has been released. */
export class PendingError extends CotangentError {
  override readonly name: string = 'PendingError'
}
