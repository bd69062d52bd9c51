import { CotangentError } from '@cotangent/autodiff'

/** A history that cannot be drawn, a file that a plot cannot become, or something missing to draw with. */
export class PlotError extends CotangentError {
  override readonly name: string = 'PlotError'
}
