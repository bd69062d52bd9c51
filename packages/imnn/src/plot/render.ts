import type { ResvgRenderOptions } from '@resvg/resvg-js'
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
  const { Resvg } = await loadResvg()
  const options = { fitTo: { mode: 'zoom', value: scale }, font: await fontsFor(svg) } as const
  // Without any font texts would be left out silently.
  if (new Resvg(probe, options).getBBox() === undefined)
    throw new PlotError('a PNG needs a font, and this system has none: install one, or save an .svg')
  return new Resvg(svg, options).render().asPng()
}

const probe = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text y="9">M</text></svg>'

/** The font of this package, unless a bundler has left it behind; those of the system where it lacks a character. */
async function fontsFor(svg: string): Promise<ResvgRenderOptions['font'] & object> {
  const [{ existsSync }, { fileURLToPath }] = await Promise.all([import('node:fs'), import('node:url')])
  // Compiled or not, it lies in the sources, which are published, too.
  const file = fileURLToPath(new URL('../../src/plot/font/DejaVuSans-subset.ttf', import.meta.url))
  if (!existsSync(file)) return { loadSystemFonts: true }
  return { fontFiles: [file], defaultFontFamily: font, loadSystemFonts: !inFont.test(svg) }
}

async function loadResvg(): Promise<typeof import('@resvg/resvg-js')> {
  try {
    return await import('@resvg/resvg-js')
  } catch (cause) {
    const message = 'a PNG needs the package @resvg/resvg-js: npm install @resvg/resvg-js (an SVG needs nothing)'
    throw Object.assign(new PlotError(message), { cause })
  }
}
