import { captureFrames, usersFrames, wantedFrames } from './stack.ts'

/**
 * The root of every error this library throws on purpose: `catch (e) { if (e instanceof CotangentError) … }`.
 *
 * Its stack starts at the caller's line: frames inside these packages are left out. `engineStack` has them all, and
 * `CotangentError.showEngine = true` puts them back into every `stack`. (In a bundle nothing is left out.)
 */
export class CotangentError extends Error {
  override readonly name: string = 'CotangentError'
  /** Whether `stack` shows the engine's own frames. @defaultValue false */
  static showEngine = false
  /** The whole stack, the engine's frames included. */
  declare readonly engineStack: string

  constructor(message?: string, options?: ErrorOptions) {
    super(message, options)
    const frames = captureFrames(new.target)
    const standard = frames === undefined ? this.stack : undefined
    const written = (choose: (all: readonly string[]) => readonly string[]): string => {
      const all = frames?.() ?? []
      return all.length === 0 ? (standard ?? String(this)) : [String(this), ...choose(all)].join('\n')
    }
    const usersOwn = (all: readonly string[]): readonly string[] => {
      const own = usersFrames(all)
      return (own.length === 0 ? all : own).slice(0, wantedFrames())
    }
    Object.defineProperties(this, {
      stack: {
        get: () => written(CotangentError.showEngine ? (all) => all : usersOwn),
        set(value: unknown) {
          Object.defineProperty(this, 'stack', { value, writable: true, configurable: true })
        },
        configurable: true,
      },
      engineStack: { get: () => written((all) => all), configurable: true },
    })
  }
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

/** An .onnx file that cannot be read, is not a correct model, or cannot hold what is to be written. */
export class ModelError extends CotangentError {
  override readonly name: string = 'ModelError'
}
