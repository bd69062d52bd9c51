import type { History } from '../training/history.ts'
import { PlotError } from './errors.ts'

/** The colour of a panel's first quantity, and of its second. */
export type Tones = readonly [first: string, second: string]

/** One fit among those of a plot. */
export interface Fit {
  readonly history: History
  /** Names the fit in the legends; empty when there is one alone. */
  readonly label: string
  readonly colours: Tones
}

/** What a panel shows; `second` is the other quantity of its panel, drawn in another tone. */
export interface Quantity {
  readonly name: string
  readonly training: keyof History
  readonly validation: keyof History
  readonly log: boolean
  readonly second: boolean
}

/** `null` where the history has no number that can be drawn: the line has a gap there. */
export interface Point {
  readonly iteration: number
  readonly value: number | null
  /** Between gaps, where no line can show it. */
  readonly isAlone: boolean
}

/** One line of a panel. */
export interface Curve {
  readonly name: string
  readonly quantity: Quantity
  readonly validation: boolean
  readonly colour: string
  readonly points: readonly Point[]
}

export const detF: Quantity = { name: '|F|', training: 'detF', validation: 'valDetF', log: false, second: false }
export const detC: Quantity = { name: '|C|', training: 'detC', validation: 'valDetC', log: true, second: false }
export const detInvC: Quantity = {
  name: '|C⁻¹|',
  training: 'detInvC',
  validation: 'valDetInvC',
  log: true,
  second: true,
}
export const lambda2: Quantity = {
  name: 'Λ₂',
  training: 'lambda2',
  validation: 'valLambda2',
  log: true,
  second: false,
}
export const r: Quantity = { name: 'r', training: 'r', validation: 'valR', log: false, second: true }

/** More iterations than this are thinned: each bin keeps its lowest and its highest value. */
const mostPoints = 2000

const keys = ['detF', 'detC', 'detInvC', 'lambda2', 'r'] as const

/** @throws PlotError when there is nothing to draw, or a history's lists differ in length. */
export function checkHistory(history: History): void {
  if (!Array.isArray((history as Partial<History> | null)?.detF))
    throw new PlotError('plotHistory: there is no history; give the `history` of what `fit` returns')
  const length = history.detF.length
  if (length === 0)
    throw new PlotError('plotHistory: the history is empty: call `fit` first, then plot what it returns')
  const wrong = keys.find((key) => history[key]?.length !== length)
  const validation = (['valDetF', 'valDetC', 'valDetInvC', 'valLambda2', 'valR'] as const).find((key) => {
    const values: unknown = history[key] ?? []
    return !Array.isArray(values) || (values.length > 0 && values.length !== length)
  })
  if (validation !== undefined)
    throw new PlotError(
      `plotHistory: ${validation} of the history must be a list of ${length} numbers, or an empty one`,
    )
  if (wrong !== undefined)
    throw new PlotError(
      `plotHistory: the history has ${length} values of detF but ${history[wrong]?.length ?? 'none'} of ${wrong}`,
    )
}

/** The lines of some quantities, for every fit: training, then validation where there was one. */
export function curvesOf(fits: readonly Fit[], quantities: readonly Quantity[]): Curve[] {
  const several = quantities.length > 1
  return fits.flatMap(({ history, label, colours }) =>
    quantities.flatMap((quantity) =>
      [false, true].flatMap((validation) => {
        const values = history[validation ? quantity.validation : quantity.training] ?? []
        if (values.length === 0) return []
        const part = validation ? 'validation' : 'training'
        const name = [label && `${label}:`, several && quantity.name, part].filter(Boolean).join(' ')
        return [
          {
            name,
            quantity,
            validation,
            colour: colours[quantity.second ? 1 : 0],
            points: thin(pointsOf(values, quantity.log)),
          },
        ]
      }),
    ),
  )
}

function pointsOf(values: readonly number[], log: boolean): Point[] {
  const isDrawable = (value: number): boolean => Number.isFinite(value) && (!log || value > 0)
  const drawable = values.map((value) => (isDrawable(value) ? value : null))
  return drawable.map((value, iteration) => ({
    iteration,
    value,
    isAlone: value !== null && (drawable[iteration - 1] ?? null) === null && (drawable[iteration + 1] ?? null) === null,
  }))
}

function thin(points: readonly Point[]): readonly Point[] {
  if (points.length <= mostPoints) return points
  const width = Math.ceil((2 * points.length) / mostPoints)
  const bins = Array.from({ length: Math.ceil(points.length / width) }, (_, i) =>
    points.slice(i * width, (i + 1) * width),
  )
  return bins.flatMap((bin) => {
    const values = bin.flatMap(({ value }) => (value === null ? [] : [value]))
    if (values.length === 0) return bin.slice(0, 1)
    const [low, high] = [Math.min(...values), Math.max(...values)]
    const extremes = [bin.findIndex(({ value }) => value === low), bin.findIndex(({ value }) => value === high)]
    return bin.filter((_, i) => extremes.includes(i))
  })
}
