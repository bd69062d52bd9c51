import type { Axis } from 'vega-lite/types_unstable/axis.js'
import type { LayerSpec } from 'vega-lite/types_unstable/spec/layer.js'
import type { Curve } from './curves.ts'

/** What goes into a panel. */
export type Layer = LayerSpec<string>['layer'][number]

/** Where the lines of a panel belong. */
export interface Frame {
  /** The last iteration of the longest fit. */
  readonly last: number
  readonly width: number
  /** Whether this is the lowest panel, which labels the axis that all share. */
  readonly bottom: boolean
}

/** Lines against the axis of iterations. `all` are the curves of the panel, which share one legend. */
export const lines = (
  shown: readonly Curve[],
  all: readonly Curve[],
  y: Axis,
  { last, width, bottom }: Frame,
): Layer => ({
  data: { values: shown.flatMap(({ name, points }) => points.map((point) => ({ name, ...point }))) },
  encoding: {
    x: {
      field: 'iteration',
      type: 'quantitative',
      title: bottom ? 'Number of iterations' : null,
      scale: { domain: [0, last], nice: false },
      axis: { labels: bottom, tickMinStep: 1, format: 'd' },
    },
    y: { field: 'value', type: 'quantitative', scale: scaleOf(shown), axis: y },
    ...styles(all, width),
  },
  layer: [
    { mark: { type: 'line', invalid: 'break-paths-show-path-domains' } },
    {
      transform: [{ filter: 'datum.isAlone' }],
      mark: { type: 'point', filled: true, size: 30, opacity: 1, strokeDash: [1, 0] },
    },
  ],
})

/** Vega finds the domain, but not where there is nothing to find. */
const scaleOf = (curves: readonly Curve[]) => {
  const isFlat = curves.every(({ points }) => points.every(({ value }) => (value ?? 0) === 0))
  if (curves[0]?.quantity.log) return { type: 'log' as const, ...(isFlat && { domain: [0.1, 10] }) }
  return { zero: true, ...(isFlat && { domain: [0, 1] }) }
}

/** A dashed line across a panel, on a datum of its own so that it is drawn once. */
export const rule = (value: number, text = ''): Layer[] => {
  const y = { datum: value, type: 'quantitative' as const }
  const mark = { color: 'black', aria: false }
  return [
    { data: { values: [{}] }, mark: { ...mark, type: 'rule', strokeDash: [6, 4] }, encoding: { y } },
    {
      data: { values: [{}] },
      mark: { ...mark, type: 'text', text, align: 'left', dx: 6, dy: -8 },
      encoding: { x: { value: 0 }, y },
    },
  ]
}

/** The hue is the fit, the tone the quantity, the dashes tell training from validation; one legend says it all. */
const styles = (curves: readonly Curve[], width: number) => {
  const channel = <T>(range: T[]) => ({
    field: 'name',
    type: 'nominal' as const,
    scale: { domain: curves.map(({ name }) => name), range },
    legend: { title: null, legendX: width + 54, legendY: 2, columns: Math.ceil(curves.length / 8) },
  })
  return { color: channel(curves.map(({ colour }) => colour)), strokeDash: channel(curves.map(dashes)) }
}

const dashes = ({ quantity, validation }: Curve): number[] => {
  if (validation) return quantity.second ? [7, 2.5, 1.8, 2.5] : [1.8, 2.2]
  return quantity.second ? [6, 3.5] : [1, 0]
}

const superscript = (exponent: number): string =>
  String(exponent).replaceAll(/./g, (character) => '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'.charAt('-0123456789'.indexOf(character)))

/** From the smallest float64 to the largest: 10⁻³²⁴ to 10³⁰⁸. */
const decades = Object.fromEntries(Array.from({ length: 633 }, (_, i) => [i - 324, `10${superscript(i - 324)}`]))

/** Labels of a linear axis: with a power of ten where a number would be long. */
export const plain: Axis = {
  labelExpr:
    "datum.value === 0 ? '0' : abs(datum.value) >= 1e7 || abs(datum.value) < 1e-3 ? format(datum.value, '.4~e') : datum.label",
}

/** Labels of a logarithmic axis: powers of ten but near 1. */
export const powers: Axis = {
  tickCount: 5,
  labelExpr:
    'abs(log(datum.value) / LN10 - round(log(datum.value) / LN10)) > 1e-6 || (datum.value >= 0.01 && datum.value <= 100)' +
    ` ? format(datum.value, '~g') : (${JSON.stringify(decades)})[round(log(datum.value) / LN10)]`,
}
