import { parseCount } from '../options.ts'

export const percent = (ratio: number): string => `${(100 * ratio).toFixed(2)} %`
export const millions = (count: number): string => `${(count / 1e6).toFixed(2)} M`
export const formatRest = (timeS: number): string => (timeS < 90 ? `${timeS.toFixed(0)} s` : `${(timeS / 60).toFixed(0)} min`)

/** Parser of an option that is a whole number of at least `least`. */
export const whole =
  (option: string, least = 1) =>
  (text: string): number =>
    parseCount(text, option, least)
