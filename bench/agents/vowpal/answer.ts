/** What the child answers to one question. Times are of the child alone, s. */
export interface Answer {
  readonly action: number
  readonly propensity: number
  readonly parseS: number
  readonly predictS: number
  /** Of the decision before; 0 at first. */
  readonly learnS: number
}

/** One line of JSON. Throws where it is not what was asked for. */
export function parseAnswer(line: string, actions: number): Answer {
  let answer: Partial<Record<keyof Answer, unknown>>
  try {
    answer = Object(JSON.parse(line))
  } catch {
    throw new Error(`vowpal.py answered '${line}', expected one line of JSON`)
  }
  const { action, propensity, parseS, predictS, learnS } = answer
  if (typeof action !== 'number' || !Number.isInteger(action) || action < 0 || action >= actions)
    throw new Error(`vowpal.py chose '${action}', expected a whole number below ${actions}`)
  if (typeof propensity !== 'number' || !(propensity > 0 && propensity <= 1 + 1e-6))
    throw new Error(`vowpal.py chose with probability '${propensity}', expected above 0 and at most 1`)
  for (const [name, time] of Object.entries({ parseS, predictS, learnS }))
    if (typeof time !== 'number' || !(time >= 0)) throw new Error(`vowpal.py took '${time}' (${name}), expected a time in s`)
  return answer as Answer
}
