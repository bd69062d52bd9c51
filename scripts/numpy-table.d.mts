/** What is here under another name, or as something else than a function of `np`. */
export const elsewhere: Readonly<Record<string, string>>
/** Reasons why something is missing, each with its names. */
export const missing: Readonly<Record<string, string>>
export function camel(name: string): string
export function jaxNames(module?: string): string[]
export function unexplained(names: readonly string[]): string[]
export function page(names: readonly string[]): string
export function namesPage(packages: Readonly<Record<string, unknown>>): string
