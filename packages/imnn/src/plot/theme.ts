import type { Config } from 'vega-lite'
import type { Tones } from './curves.ts'

/** Colours of the fits in the order they are given: dark and light tones of hues that every kind of eye tells apart. */
export const palette: readonly [Tones, ...Tones[]] = [
  ['#0072B2', '#56B4E9'],
  ['#C1440E', '#F0A202'],
  ['#00735C', '#63C5A8'],
  ['#7B3294', '#D48BC8'],
  ['#6B3E1F', '#C49A6C'],
  ['#C2185B', '#F48FB1'],
  ['#4D4D4D', '#A6A6A6'],
  ['#6B7A00', '#BFCC4A'],
]

/** The font that PNGs are drawn with everywhere; a browser without it takes one as wide. */
export const font = 'DejaVu Sans'

export const theme: Config = {
  font: `${font}, Verdana, Geneva, sans-serif`,
  title: { fontSize: 15, fontWeight: 'normal' },
  view: { stroke: '#888' },
  axis: {
    labelFontSize: 11.5,
    labelColor: '#222',
    labelFlush: false,
    titleFontSize: 13,
    titleFontWeight: 'normal',
    titleColor: 'black',
    titlePadding: 12,
    gridColor: '#e8e8e8',
    domainColor: '#888',
    tickColor: '#888',
  },
  axisLeft: { minExtent: 40 },
  legend: {
    orient: 'none',
    labelFontSize: 12,
    labelColor: '#222',
    // Names that are cut off would look like each other.
    labelLimit: 0,
    symbolType: 'stroke',
    symbolSize: 420,
    symbolStrokeWidth: 2,
    symbolOffset: 4,
    rowPadding: 2,
    columnPadding: 24,
  },
  line: { strokeWidth: 2, strokeJoin: 'round' },
  text: { fontSize: 11.5 },
}
