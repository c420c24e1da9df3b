import { parseCount } from '../options.ts'

export const formatRest = (timeS: number): string => (timeS < 90 ? `${timeS.toFixed(0)} s` : `${(timeS / 60).toFixed(0)} min`)

/** Parser of an option that is a whole number of at least `least`. */
export const whole =
  (option: string, least = 1) =>
  (text: string): number =>
    parseCount(text, option, least)

/** What to do after a network is made. */
export const nextEval = (out: string, dataset: string, data: string): string =>
  dataset === 'folder'
    ? `next: flyball network eval ${out} --dataset folder --data DIR, with images it has not learned`
    : `next: flyball network eval ${out} --data ${data}`
