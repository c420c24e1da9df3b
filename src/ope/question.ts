/** What an estimate is of. The three differ where decisions move the state: heat, a queue. */
export type QuestionCode = 'nextRequest' | 'overHorizon' | 'longRun'

/** In words, for people. */
export function questionText(code: QuestionCode, horizon = 1): string {
  if (code === 'nextRequest') return 'on the states that the logger met, for the next request alone'
  if (code === 'overHorizon') return `over ${horizon} decisions from the states that the logger met`
  return 'in the long run, on the states that the policy itself would come to, by fitted Q (model-based)'
}
