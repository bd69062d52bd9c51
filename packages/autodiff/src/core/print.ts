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
    const inputs = jaxpr.inputs.map((v) => this.#binder(v))
    const body = jaxpr.equations.map((e) => `${indent}    ${this.#equation(e, `${indent}    `)}\n`)
    const outputs = jaxpr.outputs.map((a) => this.#atom(a))
    const constants = [...this.#constants].map(([value, name]) => `${name}:${showAval(value)}`)
    return `{ lambda ${[...constants, ''].join(' ')}; ${inputs.join(' ')}. let\n${body.join('')}${indent}  in (${outputs.join(', ')}) }`
  }

  #equation(equation: Equation, indent: string): string {
    const outputs = equation.outputs.map((v) => this.#binder(v)).join(' ')
    const params = Object.entries(equation.params)
      .filter(([, value]) => typeof value !== 'function' && value !== '')
      .map(([key, value]) => `${key}=${this.#param(value, indent)}`)
      .join(' ')
    const inputs = equation.inputs.map((a) => ` ${this.#atom(a)}`).join('')
    return `${outputs} = ${equation.primitive.name}${params === '' ? '' : `[${params}]`}${inputs}`
  }

  #param(value: unknown, indent: string): string {
    if (typeof value === 'object' && value !== null && 'equations' in value) return this.jaxpr(value as Jaxpr, indent)
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

/** a … z, aa, ab … */
function letters(n: number): string {
  const last = String.fromCharCode(97 + (n % 26))
  return n < 26 ? last : letters(Math.floor(n / 26) - 1) + last
}
