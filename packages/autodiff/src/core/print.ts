import { showElement } from '../array/print.ts'
import { type Atom, Constant, type Equation, type Jaxpr, showAval, type Var } from './jaxpr.ts'

/**
 * A Jaxpr as JAX prints one:
 *
 *     { lambda ; a:float32[3]. let
 *         b:float32[3] = jit[
 *           name=f
 *           jaxpr={ lambda ; c:float32[3]. let
 *               d:float32[3] = sin c
 *             in (d) }
 *         ] a
 *       in (b) }
 */
export function printJaxpr(jaxpr: Jaxpr): string {
  return new Printer().jaxpr(jaxpr, '')
}

class Printer {
  readonly #names = new Map<Var, string>()
  readonly #constants = new Map<Constant['value'], string>()

  jaxpr(jaxpr: Jaxpr, indent: string): string {
    const outermost = this.#names.size === 0
    const inputs = jaxpr.inputs.map((v) => this.#binder(v))
    const body = jaxpr.equations.map((e) => `${indent}    ${this.#equation(e, `${indent}    `)}\n`)
    const outputs = jaxpr.outputs.map((a) => this.#atom(a))
    // The constants of the whole program stand at its head.
    const constants = outermost ? [...this.#constants].map(([value, name]) => `${name}:${showAval(value)}`) : []
    return `{ lambda ${[...constants, ''].join(' ')}; ${inputs.join(' ')}. let\n${body.join('')}${indent}  in (${outputs.join(', ')}) }`
  }

  #equation(equation: Equation, indent: string): string {
    const outputs = equation.outputs.map((v) => this.#binder(v)).join(' ')
    const params = this.#params(Object.entries(equation.params), indent)
    const inputs = equation.inputs.map((a) => ` ${this.#atom(a)}`).join('')
    return `${outputs} = ${equation.primitive.name}${params}${inputs}`
  }

  /** In one line, or where there are Jaxprs one a line. Functions, and names that are empty, say nothing. */
  #params(all: readonly (readonly [key: string, value: unknown])[], indent: string): string {
    const shown = all.filter(([, value]) => typeof value !== 'function' && value !== '' && value !== undefined)
    if (shown.length === 0) return ''
    const inner = `${indent}  `
    if (!shown.some(([, value]) => jaxprsIn(value) !== undefined)) {
      return `[${shown.map(([key, value]) => `${key}=${plain(value)}`).join(' ')}]`
    }
    const lines = shown.map(([key, value]) => {
      const jaxprs = jaxprsIn(value)
      if (jaxprs === undefined) return `${inner}${key}=${plain(value)}\n`
      if (!Array.isArray(value)) return `${inner}${key}=${this.jaxpr(value as Jaxpr, inner)}\n`
      const items = jaxprs.map((jaxpr) => `${inner}  ${this.jaxpr(jaxpr, `${inner}  `)}\n`)
      return `${inner}${key}=(\n${items.join('')}${inner})\n`
    })
    return `[\n${lines.join('')}${indent}]`
  }

  #binder(v: Var): string {
    let name = this.#names.get(v)
    if (name === undefined) this.#names.set(v, (name = letters(this.#names.size)))
    return `${name}:${showAval(v.aval)}`
  }

  #atom(atom: Atom): string {
    if (!(atom instanceof Constant)) return this.#names.get(atom) ?? '?'
    const { value } = atom
    const data = value.shape.length === 0 ? value.storage.host : undefined
    if (data !== undefined) return `${showElement(data, 0, value.dtype)}:${value.dtype}[]`
    let name = this.#constants.get(value)
    if (name === undefined) this.#constants.set(value, (name = `const${this.#constants.size}`))
    return name
  }
}

const isJaxpr = (value: unknown): value is Jaxpr =>
  typeof value === 'object' && value !== null && 'equations' in value && 'outputs' in value

/** The Jaxprs that a param is, if it is one or a list of them. */
function jaxprsIn(value: unknown): readonly Jaxpr[] | undefined {
  if (isJaxpr(value)) return [value]
  return Array.isArray(value) && value.length > 0 && value.every(isJaxpr) ? value : undefined
}

const plain = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value)))

/** a … z, aa, ab … */
function letters(n: number): string {
  const last = String.fromCharCode(97 + (n % 26))
  return n < 26 ? last : letters(Math.floor(n / 26) - 1) + last
}
