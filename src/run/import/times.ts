const iso = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2}(?:[.,]\d+)?))?)?\s*(Z|[+-]\d{2}:?\d{2})?$/
const american = /^(\d{2})-(\d{2})-(\d{4}) (\d{2}):(\d{2}):(\d{2})$/

/** Seconds since 1970 of an ISO 8601 time, of `2026-01-31 12:00:00.5` and of tegrastats' `01-31-2026 12:00:00`; without a zone it counts as UTC. NaN for what is no time. */
export function parseTime(text: string): number {
  const [, month, day, year, hours, minutes, seconds] = american.exec(text) ?? []
  if (month !== undefined) return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hours), Number(minutes), Number(seconds)) / 1e3
  const found = iso.exec(text)
  if (found === null) return Number.NaN
  const [, y, mo, d, h = '0', mi = '0', s = '0', zone = 'Z'] = found
  const whole = Date.UTC(Number(y), Number(mo) - 1, Number(d), Number(h), Number(mi)) / 1e3
  return whole + Number(s.replace(',', '.')) - zoneS(zone)
}

function zoneS(zone: string): number {
  if (zone === 'Z') return 0
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(zone) as RegExpExecArray
  return (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60)
}
