import type { VowpalSetting } from './child.ts'

const bandit = '--cb_explore_adf --cb_type mtr'

/**
 * The best of what was tried: squarecb with gamma_scale 100, 1000 and 10000, epsilon of 0.02 and 0.05 with learning rates of 0.1, 0.5 and 2, regcb, cover, first and coin, with knobs and
 * features crossed with each other or not, with and without a name for every point (two seeds, two tables, deadline 1.2x).
 */
export const settings: readonly VowpalSetting[] = [
  { name: 'squarecb', args: `${bandit} --squarecb --gamma_scale 10000 -q sa -q aa`, ids: false },
  { name: 'squarecb+ids', args: `${bandit} --squarecb --gamma_scale 10000 -q sa`, ids: true },
  { name: 'epsilon+ids', args: `${bandit} --epsilon 0.05 -l 2 -q sa -q aa`, ids: true },
  { name: 'cubic+ids', args: `${bandit} --epsilon 0.02 -q sa -q aa --cubic aaa`, ids: true },
]
