import type { TopLevelSpec } from 'vega-lite'
import { PlotError } from './errors.ts'

/** The picture as a page with Vega inside: the values of a line where one points at it. */
export async function renderHtml(spec: TopLevelSpec, title: string): Promise<string> {
  const [{ compile }, vega] = await Promise.all([import('vega-lite'), vegaItself()])
  const pointed = { ...spec, config: { ...spec.config, line: { ...spec.config?.line, tooltip: { content: 'data' } } } }
  const picture = compile(pointed as TopLevelSpec).spec
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${escaped(title)}</title>
<div id="picture"></div>
<script>${inScript(vega)}</script>
<script>
const picture = ${JSON.stringify(picture).replaceAll('<', '\\u003c')}
new vega.View(vega.parse(picture), { renderer: 'svg', container: '#picture', hover: true }).runAsync()
</script>
</html>
`
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** Nothing in a script may end it. */
const inScript = (code: string): string => code.replaceAll(/<\/(?=script)/gi, '<\\/')

/** The program of Vega in one file, as browsers load it. */
async function vegaItself(): Promise<string> {
  const [{ readFile }, { createRequire }, { join, dirname }] = await Promise.all([
    import('node:fs/promises'),
    import('node:module'),
    import('node:path'),
  ])
  const main = createRequire(import.meta.url).resolve('vega')
  const file = join(dirname(main), 'vega.min.js')
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    throw Object.assign(new PlotError(`an HTML page needs Vega's own file, which is not at ${file}; save an .svg`), {
      cause,
    })
  }
}
