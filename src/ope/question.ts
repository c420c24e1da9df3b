/** What an estimate is of. They differ where decisions move the state: heat, a queue. */
export type QuestionCode = 'nextRequest' | 'overHorizon'

/** In words, for people. */
export function questionText(code: QuestionCode, horizon = 1): string {
  return code === 'nextRequest'
    ? 'on the states that the logger met, for the next request alone'
    : `over ${horizon} decisions from the states that the logger met`
}
