import type { VowpalSetting } from './child.ts'

const bandit = '--cb_explore_adf --cb_type mtr'

/** What was tried. Names by what differs; `features` cross knobs and features with each other, so that a clock may count differently at another clock. */
export const settings: readonly VowpalSetting[] = [
  { name: 'squarecb', args: `${bandit} --squarecb --gamma_scale 1000 -q sa -q aa`, ids: false },
  { name: 'squarecb+ids', args: `${bandit} --squarecb --gamma_scale 1000 -q sa -q aa`, ids: true },
  { name: 'squarecb-gentle', args: `${bandit} --squarecb --gamma_scale 100 -q sa -q aa`, ids: false },
  { name: 'epsilon', args: `${bandit} --epsilon 0.05 -q sa -q aa`, ids: false },
  { name: 'epsilon+ids', args: `${bandit} --epsilon 0.05 -q sa -q aa`, ids: true },
  { name: 'regcb', args: `${bandit} --regcb --mellowness 0.01 -q sa -q aa`, ids: false },
]
