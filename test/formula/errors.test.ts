import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { number, parse, call, toText, variable } from '../../src/formula/index.ts'

/** The message of the ConfigError that parse throws. */
function complaint(text: string, variables?: readonly string[]): string {
  try {
    parse(text, variables === undefined ? {} : { variables })
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return 'nothing was thrown'
}

describe('the errors of parse', () => {
  it('show the place, the text, a caret line and the remedy', () => {
    expect(complaint('exp(sni(pi*x1))')).toBe(
      [
        "There is no function 'sni' (character 5). Did you mean 'sin'? For a product write sni*(...).",
        '  exp(sni(pi*x1))',
        '      ^^^',
      ].join('\n'),
    )
  })

  it('cut long texts around the place, and keep the caret below it', () => {
    const [, excerpt, caret] = complaint(`${'x + '.repeat(100)}#\n${' + x'.repeat(100)}`).split('\n')
    expect(excerpt!.length).toBeLessThan(100)
    expect(excerpt![caret!.indexOf('^')]).toBe('#')
    expect(caret!.trim()).toBe('^')
  })

  it.each([
    ['', 1, 'The formula is empty', 'exp(sin(pi*x1) + x2^2)'],
    ['  ', 3, 'The formula is empty', 'Write one'],
    ['x +', 4, 'The formula ends too early', 'Add a value'],
    ['x * / y', 5, 'A value is missing here', 'Put a number'],
    ['sin()', 1, 'sin takes 1 argument and was given 0', 'Write sin(x).'],
    ['sin(x, y)', 1, 'sin takes 1 argument and was given 2', 'Write sin(x).'],
    ['max(x)', 1, 'max takes 2 arguments and was given 1', 'Write max(x, y).'],
    ['(x', 1, "This '(' is never closed", "Add a ')'."],
    ['2*sin(x', 6, "This '(' is never closed", "Add a ')'."],
    ['x)', 2, "This ')' closes nothing", 'Remove it'],
    ['1,5*x', 2, 'This comma separates no arguments', 'with a point: 0.5'],
    ['(1,5)', 3, 'This comma separates no arguments', 'with a point: 0.5'],
    ['x 2', 3, 'Two factors stand side by side', 'Write * between them.'],
    ['1.2.3', 4, 'Two factors stand side by side', 'Write * between them.'],
    ['1/2x', 4, 'after a division can be read in two ways', 'Write (1/2)*x or 1/(2*x)'],
    ['1/2(x + 1)', 4, 'after a division can be read in two ways', 'Write (1/2)*x or 1/(2*x)'],
    ['e^2x', 4, 'after an exponent can be read in two ways', 'Write e^2*x or e^(2*x)'],
    ['x(x + 1)', 1, "There is no function 'x'", 'For a product write x*(...)'],
    ['sin x', 1, 'The function sin has no parentheses', 'Write sin(x)'],
    ['sin^2(x)', 1, 'The function sin has no parentheses', 'Write sin(x)^2'],
    ['2*PI', 3, "'PI' is written 'pi'", 'case-sensitive'],
    ['Sin(x)', 1, "'Sin' is written 'sin'", 'case-sensitive'],
    ['y = 2x', 3, "A formula has no '='", 'Give only what stands right'],
    ['[x]', 1, "A formula has no '['", 'Use ( and )'],
    ['|x|', 1, "A formula has no '|'", 'Write abs(x)'],
    ['x#', 2, "A formula has no '#'", 'Formulas have numbers, names'],
    ['x + 😀', 5, "A formula has no '😀'", 'Formulas have numbers, names'],
    ['`x', 1, "A formula has no '`'", 'needs a closing one'],
    ['1e400', 1, 'The number is too large', '1.797e308'],
  ])('%j: character %i, %s', (text, position, problem, remedy) => {
    const message = complaint(text)
    expect(message).toContain(`${problem} `)
    expect(message).toContain(`(character ${position})`)
    expect(message).toContain(remedy)
  })

  it('name the variables there are, and the nearest', () => {
    expect(complaint('x1 + tmie', ['x1', 'time'])).toMatch(
      "There is no variable 'tmie' (character 6). Did you mean 'time'? The variables are x1, time.",
    )
    expect(complaint('q', ['mass'])).toMatch("no variable 'q' (character 1). The variables are mass.")
    expect(complaint('`q`', [])).toMatch("no variable 'q' (character 1). There are no variables.")
    expect(complaint('time(x1)', ['x1', 'time'])).toMatch("The variable 'time' is used like a function")
  })

  it.each([
    ['parentheses', '('.repeat(50_000), 257],
    ['signs', `${'-'.repeat(50_000)}x`, 257],
    ['exponents', `${'x^'.repeat(40_000)}x`, 513],
    ['calls', 'sin('.repeat(20_000), 1025],
  ])('refuse 256 nested %s before the stack is full', (_, text, position) => {
    expect(complaint(text)).toMatch(`nested more than 256 deep (character ${position})`)
  })

  it('refuse texts of more than 100,000 characters', () => {
    expect(complaint('('.repeat(100_001))).toBe(
      'The formula has 100001 characters; at most 100000 are read. Shorten it.',
    )
  })

  it('find nothing on the prototype of an object', () => {
    for (const name of ['constructor', 'toString', 'hasOwnProperty', '__proto__'])
      expect(complaint(`${name}(x)`)).toMatch(`There is no function '${name}'`)
  })
})

describe('the errors of the builders', () => {
  it('refuse what no formula can hold', () => {
    expect(() => number(NaN)).toThrow('A formula holds finite numbers only, not NaN.')
    expect(() => variable('')).toThrow(ConfigError)
    expect(() => call('sin', variable('x'), variable('y'))).toThrow('sin was given 2 arguments; it takes 1.')
    expect(() => toText(variable('x'), { digits: 0 })).toThrow(
      'digits is 0; give a whole number from 1 to 17.',
    )
  })
})
