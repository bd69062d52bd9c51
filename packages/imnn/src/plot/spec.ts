import type { TopLevelSpec } from 'vega-lite'
import { curvesOf, detC, detF, detInvC, type Fit, lambda2, r } from './curves.ts'
import { lines, plain, powers, rule } from './marks.ts'
import { theme } from './theme.ts'

/** Everything that a picture of histories shows. */
export interface Picture {
  readonly fits: readonly Fit[]
  /** What |F| would be were no information lost: a dashed line each. */
  readonly expectedDetF: readonly number[]
  readonly title: string
  /** Of the panels, without axes and legends. */
  readonly width: number
  /** Of each panel. */
  readonly height: number
}

/** Three panels above each other that share the axis of iterations, as a Vega-Lite specification. */
export function historySpec({ fits, expectedDetF, title, width, height }: Picture): TopLevelSpec {
  const last = Math.max(1, ...fits.map(({ history }) => history.detF.length - 1))
  const [frame, size] = [
    { last, width, bottom: false },
    { width, height },
  ]
  const [information, covariance] = [curvesOf(fits, [detF]), curvesOf(fits, [detC, detInvC])]
  const regularisation = curvesOf(fits, [lambda2, r])
  const [left, right] = [lambda2, r].map((one) => regularisation.filter(({ quantity }) => quantity === one))
  return {
    background: 'white',
    padding: 18,
    ...(title !== '' && { title: { text: title, anchor: 'start' as const, offset: 16 } }),
    vconcat: [
      {
        ...size,
        layer: [
          lines(information, information, { ...plain, title: detF.name, titleAngle: 0 }, frame),
          ...expectedDetF.flatMap((value) => rule(value, `expected |F| = ${value}`)),
        ],
      },
      { ...size, layer: [lines(covariance, covariance, { ...powers, title: '|C|,  |C⁻¹|' }, frame), ...rule(1)] },
      {
        ...size,
        layer: [
          lines(left!, regularisation, { ...powers, title: lambda2.name, titleAngle: 0 }, { ...frame, bottom: true }),
          lines(
            right!,
            regularisation,
            { title: r.name, titleAngle: 0, grid: false, orient: 'right' },
            { ...frame, bottom: true },
          ),
        ],
        resolve: { scale: { y: 'independent' } },
      },
    ],
    spacing: 20,
    resolve: { scale: { x: 'shared', color: 'independent', strokeDash: 'independent' } },
    config: theme,
  }
}
