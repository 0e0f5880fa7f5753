import { nearestName } from '../data/name.ts'
import { ConfigError } from '../errors.ts'

/**
 * Refuses options that are no object, and names among them that nobody reads: a misspelt option would silently do nothing.
 * @param owner what takes the options, such as 'new KAN'; @param example how to call it.
 * Throws ConfigError, which names the nearest known option and all there are.
 */
export function checkOptionNames(
  owner: string,
  options: unknown,
  known: readonly string[],
  example: string,
): void {
  const isList = Array.isArray(options) || ArrayBuffer.isView(options)
  if (typeof options !== 'object' || options === null || isList)
    throw new ConfigError(
      `The options of ${owner} are ${isList ? 'a list' : String(options)}; give an object, as in ${example}.`,
    )
  const unknown = Object.keys(options).find(name => !known.includes(name))
  if (unknown === undefined) return
  const nearest = nearestName(known, unknown)
  const question = nearest === undefined ? '' : ` Did you mean '${nearest}'?`
  throw new ConfigError(
    `${owner} has no option '${unknown}'.${question} There ${known.length === 1 ? 'is only' : 'are'} ${known.join(', ')}.`,
  )
}
