import { showElement } from '../array/print.ts'
import { type Atom, Constant, type Equation, type Jaxpr, showAval, type Var } from './jaxpr.ts'

/**
 * A Jaxpr as JAX prints one:
 *
 *     { lambda ; a:float32[3]. let
 *         b:float32[3] = sin a
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
    const shown = Object.entries(equation.params).filter(([, value]) => typeof value !== 'function' && value !== '')
    // Jaxprs among other params have lines of their own.
    const lines = shown.length > 1 && equation.primitive.jaxprs !== undefined
    const inner = lines ? `${indent}  ` : indent
    const params = shown.map(([key, value]) => `${key}=${this.#param(value, inner)}`)
    const block = lines ? `[\n${params.map((p) => `${inner}${p}\n`).join('')}${indent}]` : `[${params.join(' ')}]`
    const inputs = equation.inputs.map((a) => ` ${this.#atom(a)}`).join('')
    return `${outputs} = ${equation.primitive.name}${params.length === 0 ? '' : block}${inputs}`
  }

  #param(value: unknown, indent: string): string {
    if (isJaxpr(value)) return this.jaxpr(value, indent)
    if (Array.isArray(value) && value.some(isJaxpr)) {
      return `(\n${value.map((jaxpr) => `${indent}  ${this.jaxpr(jaxpr as Jaxpr, `${indent}  `)}\n`).join('')}${indent})`
    }
    return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value))
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

const isJaxpr = (value: unknown): value is Jaxpr => typeof value === 'object' && value !== null && 'equations' in value

/** a … z, aa, ab … */
function letters(n: number): string {
  const last = String.fromCharCode(97 + (n % 26))
  return n < 26 ? last : letters(Math.floor(n / 26) - 1) + last
}
