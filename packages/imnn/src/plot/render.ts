import type { TopLevelSpec } from 'vega-lite'
import { PlotError } from './errors.ts'
import { font } from './theme.ts'

/** The picture as the text of an SVG file. */
export async function renderSvg(spec: TopLevelSpec): Promise<string> {
  const [vega, { compile }] = await Promise.all([import('vega'), import('vega-lite')])
  const view = new vega.View(vega.parse(compile(spec).spec), { renderer: 'none' })
  try {
    return await view.toSVG()
  } finally {
    view.finalize()
  }
}

/** Characters of the font beside this file: letters of the west, Greek, signs. Others need a font of the system. */
const inFont = /^[\n -ÿΑ-ω‐-―‘-”…⁰-₎−∞≈≠≤≥]*$/

/** The bytes of a PNG file, the same on every machine: texts are drawn with the font beside this file. */
export async function renderPng(svg: string, scale: number): Promise<Uint8Array> {
  const [{ Resvg }, { fileURLToPath }] = await Promise.all([loadResvg(), import('node:url')])
  // Compiled or not, the font lies in the sources: it is published with them.
  const fontFile = fileURLToPath(new URL('../../src/plot/font/DejaVuSans-subset.ttf', import.meta.url))
  const image = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: scale },
    font: { fontFiles: [fontFile], defaultFontFamily: font, loadSystemFonts: !inFont.test(svg) },
  })
  return image.render().asPng()
}

async function loadResvg(): Promise<typeof import('@resvg/resvg-js')> {
  try {
    return await import('@resvg/resvg-js')
  } catch (cause) {
    const message = 'a PNG needs the package @resvg/resvg-js: npm install @resvg/resvg-js (an SVG needs nothing)'
    throw Object.assign(new PlotError(message), { cause })
  }
}
