import { checkOptions } from '@cotangent/autodiff/array'
import { show } from '../checks/checks.ts'
import { makeFolderOf } from '../saving/files.ts'
import type { History } from '../training/history.ts'
import { checkHistory, type Fit } from './curves.ts'
import { PlotError } from './errors.ts'
import { renderHtml } from './html.ts'
import { renderPng, renderSvg } from './render.ts'
import { historySpec, type Picture } from './spec.ts'
import { palette } from './theme.ts'

export interface PlotOptions {
  /** The determinant of the Fisher information were none lost: a dashed line beside |F|. @defaultValue none */
  readonly expectedDetF?: number | undefined
  /** Names the fit in the legends. @defaultValue none for one fit; `fit 1`, `fit 2` … for several */
  readonly label?: string | undefined
  /** A CSS colour for the fit's lines. @defaultValue the next of a palette for every kind of colour vision */
  readonly colour?: string | undefined
  /** Stands above the panels. @defaultValue none */
  readonly title?: string | undefined
  /** Of the panels, in pixels, without axes and legends. @defaultValue 620 */
  readonly width?: number | undefined
  /** Of each of the three panels, in pixels. @defaultValue 180 */
  readonly height?: number | undefined
}

export interface PngOptions {
  /** Pixels of the PNG for one of the SVG. @defaultValue 2 */
  readonly scale?: number | undefined
}

const jupyter: unique symbol = Symbol.for('Jupyter.display') as never

/** A picture of one or more fits. A value: it draws when asked to, any number of times. */
export interface Plot {
  /** The text of an SVG file. */
  svg(): Promise<string>
  /**
   * The bytes of a PNG file. Needs the package `@resvg/resvg-js`.
   * @throws PlotError naming the command that installs it, where it is missing
   */
  png(options?: PngOptions): Promise<Uint8Array>
  /** The text of an HTML page that shows numbers where one points, and needs nothing beside it, not even a network. */
  html(): Promise<string>
  /** What notebooks of Deno's Jupyter kernel show. */
  [jupyter](): Promise<{ readonly 'image/svg+xml': string; readonly 'text/plain': string }>
  /**
   * Writes a file; its name says of which kind, `.svg`, `.png` or `.html`.
   * @throws PlotError for any other name
   */
  save(path: string, options?: PngOptions): Promise<void>
  /**
   * The fits of both plots in one picture; its title and size are this one's.
   * @example
   * const longer = await fitted.fit({ lambda: 10, epsilon: 0.1, maxIterations: 3 })
   * await fitted.plot({ label: 'short' }).and(longer.plot({ label: 'long' })).save('both.svg')
   */
  and(other: Plot): Plot
}

/**
 * Draws the history of a fit: |F|; |C| and |C⁻¹|; Λ₂ and r, in three panels above each other. Training is solid or
 * dashed, validation dotted or dash-dotted; values that are not finite leave gaps.
 * @throws PlotError when the history is empty
 * @example await plotHistory(fitted.history, { expectedDetF: 50 }).save('history.svg')
 */
export function plotHistory(history: History, options: PlotOptions = {}): Plot {
  checkHistory(history)
  const given = checkOptions('plotHistory', options, ['expectedDetF', 'label', 'colour', 'title', 'width', 'height'])
  checkPlotOptions(given)
  const { expectedDetF, label = '', colour, title = '', width = 620, height = 180 } = given
  return new HistoryPlot({
    fits: [{ history, label, colour }],
    expected: [expectedDetF ?? []].flat(),
    title,
    width,
    height,
  })
}

interface Request {
  readonly fits: readonly { history: History; label: string; colour: string | undefined }[]
  readonly expected: readonly number[]
  readonly title: string
  readonly width: number
  readonly height: number
}

class HistoryPlot implements Plot {
  readonly #request: Request

  constructor(request: Request) {
    this.#request = request
  }

  svg(): Promise<string> {
    return renderSvg(historySpec(pictureOf(this.#request)))
  }

  async png(options: PngOptions = {}): Promise<Uint8Array> {
    const { scale = 2 } = checkOptions('png', options, ['scale'])
    checkLengths('png', { scale })
    return renderPng(await this.svg(), scale)
  }

  html(): Promise<string> {
    return renderHtml(historySpec(pictureOf(this.#request)), this.#request.title || 'History of a fit')
  }

  async [jupyter](): Promise<{ 'image/svg+xml': string; 'text/plain': string }> {
    return { 'image/svg+xml': await this.svg(), 'text/plain': 'the history of a fit' }
  }

  async save(path: string, options: PngOptions = {}): Promise<void> {
    const writers: Readonly<Record<string, () => Promise<string | Uint8Array>>> = {
      '.svg': () => this.svg(),
      '.png': () => this.png(options),
      '.html': () => this.html(),
    }
    const write = writers[/\.[^./\\]*$/.exec(typeof path === 'string' ? path : '')?.[0].toLowerCase() ?? '']
    if (write === undefined)
      throw new PlotError(`save: cannot save a plot as ${show(path)}: the name must end in .svg, .png or .html`)
    const picture = await write()
    try {
      await makeFolderOf(path)
      const { writeFile } = await import('node:fs/promises')
      await writeFile(path, picture)
    } catch (cause) {
      throw new PlotError(`save: cannot write ${path}: ${(cause as Error).message}`, { cause })
    }
  }

  and(other: Plot): Plot {
    if (!(other instanceof HistoryPlot)) throw new PlotError(`and: takes another plot of a history, not ${show(other)}`)
    const [mine, theirs] = [this.#request, other.#request]
    const expected = [...new Set([...mine.expected, ...theirs.expected])]
    return new HistoryPlot({ ...mine, fits: [...mine.fits, ...theirs.fits], expected })
  }
}

/** That texts are texts, and lengths positive numbers. */
function checkPlotOptions({ expectedDetF, label, colour, title, width, height }: PlotOptions): void {
  for (const [name, value] of Object.entries({ label, colour, title }))
    if (value !== undefined && typeof value !== 'string')
      throw new PlotError(`plotHistory: ${name} must be a text, not ${show(value)}`)
  if (expectedDetF !== undefined && !Number.isFinite(expectedDetF))
    throw new PlotError(`plotHistory: expectedDetF must be a number, not ${show(expectedDetF)}`)
  checkLengths('plotHistory', { width, height })
}

function checkLengths(name: string, lengths: Readonly<Record<string, unknown>>): void {
  for (const [where, value] of Object.entries(lengths))
    if (value !== undefined && !(Number.isFinite(value) && (value as number) > 0))
      throw new PlotError(`${name}: ${where} must be a positive number, not ${show(value)}`)
}

/** Gives every fit its colours and, where there are several, a label that no other has: lines are told apart by it. */
function pictureOf({ fits, expected, ...rest }: Request): Picture {
  const wanted = fits.map(({ label }, i) => label || (fits.length > 1 ? `fit ${i + 1}` : ''))
  const named = wanted.map((label, i) => {
    const before = wanted.slice(0, i).filter((other) => other === label).length
    return before > 0 ? `${label} (${before + 1})` : label
  })
  const coloured = fits.map(({ history, colour }, i): Fit => {
    const colours = colour === undefined ? palette[i % palette.length]! : ([colour, colour] as const)
    return { history, label: named[i]!, colours }
  })
  return { ...rest, fits: coloured, expectedDetF: expected }
}
