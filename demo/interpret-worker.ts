/** Interprets networks in a thread of its own: see interpret-messages.ts for what it is asked and answers. */
import { candidateCurve, discover, KAN } from 'webkan'
import type { Discovering, Symbolifying, SymbolifyStage } from 'webkan'
import { complexity, evaluateRows, parse, substitute, toText, variable } from 'webkan/formula'
import type { Expression } from 'webkan/formula'
import { explain } from './explain.ts'
import { mostCandidates } from './interpret-messages.ts'
import type {
  Candidate,
  Errors,
  Found,
  FoundFormula,
  FromWorker,
  SearchJob,
  SuggestJob,
  ToWorker,
} from './interpret-messages.ts'
import type { RowSets, Samples } from './samples.ts'

/** Searches under way. */
const searches = new Map<number, { abort(): void }>()

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if (data.job === 'stop') searches.get(data.id)?.abort()
  else void answer(data.id, data.job)
})

async function answer(id: number, job: SuggestJob | SearchJob): Promise<void> {
  try {
    if (job.kind === 'suggest') tell({ id, candidates: candidatesOf(job) })
    else tell({ id, found: await search(id, job) })
  } catch (error) {
    tell({ id, failure: explain(error) })
  } finally {
    searches.delete(id)
  }
}

function tell(message: FromWorker): void {
  postMessage(message)
}

function candidatesOf({ model, edge, u }: SuggestJob): Candidate[] {
  const { layer, input, output } = edge
  return KAN.load(model)
    .suggest(layer, input, output, { most: mostCandidates })
    .map(suggestion => {
      const { name, a, b, c, d, unexplained } = suggestion
      const y = candidateCurve(suggestion, u)
      return { name, affine: [a, b, c, d], unexplained, complexity: suggestion.complexity, y }
    })
}

async function search(id: number, job: SearchJob): Promise<Found> {
  if (job.kind === 'discover') return discovered(id, job)
  const kan = KAN.load(job.model)
  return job.kind === 'read' ? read(kan, job) : symbolified(id, kan, job)
}

type Read<Kind> = Extract<SearchJob, { kind: Kind }>

/** How far each stage of symbolify has come when it begins. */
const begun: Record<SymbolifyStage, number> = { splines: 0, edges: 0.1, alternatives: 0.6, formulas: 0.8 }

async function symbolified(id: number, kan: KAN, job: Read<'symbolify'>): Promise<Found> {
  const { rowSets, names } = job
  const { training, validation } = rowSets
  const run: Symbolifying<KAN> = kan.symbolify(training, { validation })
  searches.set(id, run)
  let share = 0
  for await (const { stage, fixed, edges } of run) {
    const within = stage === 'edges' && edges > 0 ? (0.5 * fixed) / edges : 0
    // A second attempt begins at the first stage again.
    share = Math.max(share, begun[stage] + within)
    const detail = stage === 'edges' ? `${fixed} of ${edges} are known` : ''
    tell({ id, progress: { stage, detail, share } })
  }
  const { pareto, network, kan: known, texts, stop, seconds } = await run
  const formulas = pareto.map(({ expressions }) => formulaOf(renamed(expressions[0]!, names), job))
  return {
    kind: 'symbolify',
    formulas,
    rankedBy: 'validation',
    chosen: pareto.findIndex(formula => formula.texts[0] === texts[0]),
    network: {
      training: network.train.rmse,
      validation: network.heldOut?.rmse,
      test: await networkError(kan, rowSets.test),
    },
    model: known.save(),
    stop: stop === 'seconds' ? 'time' : stop,
    seconds,
  }
}

/** The error on test rows of the network as it is: symbolify tells only of the rows that it was given. */
async function networkError(kan: KAN, samples: Samples): Promise<number> {
  return (await kan.evaluate(samples)).rmse ?? Infinity
}

async function read(kan: KAN, job: Read<'read'>): Promise<Found> {
  const { rowSets, names } = job
  const started = performance.now()
  const [expression] = kan.formula({ names, plain: true })
  const errors = {
    training: await networkError(kan, rowSets.training),
    validation: await networkError(kan, rowSets.validation),
    test: await networkError(kan, rowSets.test),
  }
  return {
    kind: 'read',
    formulas: [formulaOf(expression!, job)],
    rankedBy: 'validation',
    chosen: 0,
    network: errors,
    model: undefined,
    stop: 'done',
    seconds: (performance.now() - started) / 1000,
  }
}

async function discovered(id: number, job: Read<'discover'>): Promise<Found> {
  const { rowSets, names, seconds, seed } = job
  const run: Discovering = discover(rowSets.training, { names, seconds, seed, test: rowSets.test })
  searches.set(id, run)
  for await (const { stage, structure, seconds: passed, budget } of run)
    tell({ id, progress: { stage, detail: structure, share: Math.min(1, passed / budget) } })
  const { pareto, text, network, stop, seconds: taken } = await run
  return {
    kind: 'discover',
    formulas: pareto.map(({ expression }) => formulaOf(expression, job)),
    rankedBy: 'training',
    chosen: pareto.findIndex(formula => formula.text === text),
    network: { training: network.train.rmse, validation: undefined, test: network.test?.rmse },
    model: undefined,
    stop: stop === 'time' || stop === 'aborted' ? stop : 'done',
    seconds: taken,
  }
}

/** In the page's names for the inputs: x where there is one only. */
function renamed(expression: Expression, names: readonly string[]): Expression {
  return substitute(expression, new Map(names.map((name, i) => [`x${i + 1}`, variable(name)])))
}

/** The errors are those of the text, as it will be copied. */
function formulaOf(
  expression: Expression,
  { names, rowSets }: { names: readonly string[]; rowSets: RowSets },
): FoundFormula {
  const text = toText(expression)
  const again = parse(text, { variables: names })
  const error = ({ x, y }: Samples): number => {
    const values = evaluateRows(again, names, x, y.length)
    return Math.sqrt(y.reduce((sum, target, row) => sum + (values[row]! - target) ** 2, 0) / y.length)
  }
  const { training, validation, test } = rowSets
  const errors: Errors = { training: error(training), validation: error(validation), test: error(test) }
  return { text, complexity: complexity(expression), errors }
}
