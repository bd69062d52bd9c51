/** Points or a line in a picture. */
export interface Series {
  readonly label: string
  readonly colour: string
  readonly x: readonly number[]
  readonly y: readonly number[]
  readonly line?: boolean
  readonly dashed?: boolean
}

export interface PictureOptions {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  readonly yRange?: readonly [number, number]
}

const [width, height, left, top, right, bottom] = [560, 400, 64, 36, 16, 52]

/** Five round places between the ends. */
const ticks = (from: number, to: number): number[] => {
  const raw = (to - from) / 5
  const size = 10 ** Math.floor(Math.log10(raw))
  const step = size * (raw / size > 5 ? 10 : raw / size > 2 ? 5 : raw / size > 1 ? 2 : 1)
  const first = Math.ceil(from / step)
  return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(6)),
  )
}

const range = (values: readonly number[]): readonly [number, number] => {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const margin = (high - low) * 0.05 || 1
  return [low - margin, high + margin]
}

/** A small SVG of points and lines over two axes. */
export function picture(series: readonly Series[], { title, xLabel, yLabel, yRange }: PictureOptions): string {
  const [x0, x1] = range(series.flatMap(({ x }) => x))
  const [y0, y1] = yRange ?? range(series.flatMap(({ y }) => y))
  const px = (x: number): string => (left + ((x - x0) / (x1 - x0)) * (width - left - right)).toFixed(1)
  const py = (y: number): string => (height - bottom - ((y - y0) / (y1 - y0)) * (height - top - bottom)).toFixed(1)
  const text = (x: number | string, y: number | string, words: string, more = ''): string =>
    `<text x="${x}" y="${y}" text-anchor="middle" ${more}>${words}</text>`
  const axes = [
    ...ticks(x0, x1).map((x) => text(px(x), height - bottom + 18, String(x))),
    ...ticks(y0, y1).map((y) => text(left - 8, py(y), String(y), 'style="text-anchor:end" dominant-baseline="middle"')),
  ]
  const marks = series.map(({ x, y, colour, line, dashed }) => {
    const points = x.map((value, i) => [px(value), py(y[i]!)] as const)
    if (line === true) {
      const path = points.map((point) => point.join(',')).join(' ')
      return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="1.5"${dashed === true ? ' stroke-dasharray="6 4"' : ''}/>`
    }
    return points
      .map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="2" fill="${colour}" fill-opacity="0.6"/>`)
      .join('')
  })
  const legend = series.map(
    ({ label, colour }, i) => `<text x="${left + 12}" y="${top + 18 + 16 * i}" fill="${colour}">${label}</text>`,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">
<rect width="${width}" height="${height}" fill="white"/>
<clipPath id="inside"><rect x="${left}" y="${top}" width="${width - left - right}" height="${height - top - bottom}"/></clipPath>
<g clip-path="url(#inside)">${marks.join('\n')}</g>
<rect x="${left}" y="${top}" width="${width - left - right}" height="${height - top - bottom}" fill="none" stroke="#333"/>
${axes.join('\n')}
${text((left + width - right) / 2, 22, title, 'font-size="14"')}
${text((left + width - right) / 2, height - 12, xLabel)}
${text(16, (top + height - bottom) / 2, yLabel, `transform="rotate(-90 16 ${(top + height - bottom) / 2})"`)}
${legend.join('\n')}
</svg>
`
}

/** Maps of numbers side by side, dark to light. */
export function maps(images: readonly (readonly (readonly number[])[])[], titles: readonly string[]): string {
  const size = 200
  const largest = Math.max(...images.flat(2).map(Math.abs))
  const cells = images.flatMap((image, k) =>
    image.flatMap((row, i) =>
      row.map((value, j) => {
        const cell = size / row.length
        const share = value / largest
        const colour =
          share > 0
            ? `rgb(255,${Math.round(255 * (1 - share))},${Math.round(255 * (1 - share))})`
            : `rgb(${Math.round(255 * (1 + share))},${Math.round(255 * (1 + share))},255)`
        return `<rect x="${(k * (size + 20) + 10 + j * cell).toFixed(2)}" y="${(30 + i * cell).toFixed(2)}" width="${(cell + 0.3).toFixed(2)}" height="${(cell + 0.3).toFixed(2)}" fill="${colour}"/>`
      }),
    ),
  )
  const words = titles.map(
    (title, k) => `<text x="${k * (size + 20) + 10 + size / 2}" y="20" text-anchor="middle">${title}</text>`,
  )
  const [w, h] = [images.length * (size + 20), size + 40]
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}" font-family="sans-serif" font-size="13">
<rect width="${w}" height="${h}" fill="white"/>
${cells.join('\n')}
${words.join('\n')}
</svg>
`
}
