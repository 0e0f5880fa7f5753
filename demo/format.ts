/** Numbers as a scientist writes them. */

const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹'

/** Three significant digits; powers of ten outside 0.001 .. 99999; a true minus sign. */
export function formatNumber(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'not a number' : value < 0 ? '−∞' : '∞'
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size >= 1e-3 && size < 99999.5) {
    const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)))
    return withMinus(value.toFixed(Math.min(decimals, 20)))
  }
  return formatScientific(value, digits)
}

/** With a power of ten whatever the size, so that a column of sizes that span decades is compared at a glance: 2.5 × 10⁻¹. */
export function formatScientific(value: number, digits: number): string {
  const [mantissa = '', exponent = ''] = value.toExponential(digits - 1).split('e')
  return `${withMinus(mantissa)}\u202f×\u202f10${raised(Number(exponent))}`
}

/** 12,345 as 12 345, with thin spaces. */
export function formatCount(value: number): string {
  return String(Math.round(value)).replaceAll(/\B(?=(\d{3})+$)/g, '\u202f')
}

/** A power of ten: 10⁻³. */
export function formatPower(exponent: number): string {
  return `10${raised(exponent)}`
}

/** A number of two digits, without the zeros that it could end with: 0.02. */
export function formatRound(value: number): string {
  return Math.abs(value) < 1e-3 ? formatNumber(value, 2) : withMinus(String(Number(value.toPrecision(2))))
}

/** Tick labels: no more decimals than the distance between ticks needs. */
export function formatTick(value: number, step: number): string {
  if (value === 0) return '0'
  if (Math.abs(value) >= 1e5 || step < 1e-4) return formatNumber(value, 2)
  return withMinus(value.toFixed(Math.max(0, -Math.floor(Math.log10(step) + 1e-9))))
}

function raised(exponent: number): string {
  const digits = [...String(Math.abs(exponent))].map(digit => superscripts[Number(digit)]).join('')
  return `${exponent < 0 ? '⁻' : ''}${digits}`
}

function withMinus(text: string): string {
  return text.replace('-', '−')
}
