/** Pictures of a fit's history. */
export { PlotError } from './errors.ts'
export { type Plot, plotHistory, type PlotOptions, type PngOptions } from './plot.ts'
