import type { CpufreqPolicy } from '../linux/cpufreq.ts'
import type { CpuInfo } from '../linux/topology.ts'
import type { Cluster, Finding, Opp, OppsQuality } from './board.ts'
import { classesOf, nameClusters } from './cluster-names.ts'

/** Steps offered where a driver gives a range only: enough to choose from, few enough to learn. */
const rangeSteps = 8
/** Drivers with a range set multiples of 100 MHz (the P-state unit of intel_pstate). */
const rangeUnitHz = 100e6

interface Domain {
  cpus: number[]
  policies: CpufreqPolicy[]
}

/** CPU clusters from cpufreq policies where there are any, else from core types and capacities, else one of all cores. */
export function makeCpuClusters(cpus: readonly CpuInfo[], policies: readonly CpufreqPolicy[], findings: Finding[]): Cluster[] {
  const domains = mergeSingles(policies.length > 0 ? domainsOfPolicies(cpus, policies, findings) : domainsOfCores(cpus), cpus)
  const biggest = Math.max(...cpus.map((cpu) => cpu.capacity ?? 0))
  const traits = domains.map((domain) => ({
    coreType: coreTypeOf(domain, cpus),
    capacity: capacityOf(domain, cpus, biggest),
    maxFreqHz: maxFreqOf(domain),
  }))
  const names = nameClusters(classesOf(traits))
  return domains.map((domain, i) => {
    const [policy] = domain.policies
    const { opps, quality } = oppsOf(policy, findings)
    const { coreType, capacity } = traits[i] as (typeof traits)[number]
    return {
      id: names[i] as string,
      kind: 'cpu',
      ...(coreType === undefined ? {} : { coreType }),
      cpus: domain.cpus,
      ...(capacity === undefined ? {} : { capacity }),
      opps,
      oppsQuality: quality,
      ...(policy?.driver === undefined ? {} : { driver: policy.driver }),
      ...(policy?.governor === undefined ? {} : { governor: policy.governor }),
      policyPaths: domain.policies.map((one) => one.path),
      writable: writableOf(domain.policies),
    }
  })
}

function domainsOfPolicies(cpus: readonly CpuInfo[], policies: readonly CpufreqPolicy[], findings: Finding[]): Domain[] {
  const domains: Domain[] = []
  for (const policy of policies)
    if (policy.access === 'ok' && policy.relatedCpus.length > 0)
      domains.push({ cpus: [...policy.relatedCpus].sort((a, b) => a - b), policies: [policy] })
  const left = cpus.map((cpu) => cpu.cpu).filter((cpu) => !domains.some((domain) => domain.cpus.includes(cpu)))
  const broken = policies.filter((policy) => policy.access === 'broken')
  for (const policy of broken) {
    findings.push({ where: policy.path, what: 'does not answer: all its CPUs are offline; its OPPs are unknown until one comes back' })
    // Everything from the policy's first CPU up to that of the next silent policy.
    const next = broken.find((other) => other.number > policy.number)?.number ?? Number.POSITIVE_INFINITY
    const own = left.filter((cpu) => cpu >= policy.number && cpu < next)
    if (own.length > 0) domains.push({ cpus: own, policies: [policy] })
  }
  const rest = left.filter((cpu) => !domains.some((domain) => domain.cpus.includes(cpu)))
  if (rest.length > 0) domains.push({ cpus: rest, policies: [] })
  return domains.sort((a, b) => (a.cpus[0] as number) - (b.cpus[0] as number))
}

/** Without cpufreq: cores that differ in type or capacity are different clusters. */
function domainsOfCores(cpus: readonly CpuInfo[]): Domain[] {
  const groups = new Map<string, Domain>()
  for (const cpu of cpus) {
    const key = `${cpu.coreType ?? ''} ${cpu.capacity ?? ''}`
    const group = groups.get(key) ?? { cpus: [], policies: [] }
    group.cpus.push(cpu.cpu)
    groups.set(key, group)
  }
  return [...groups.values()]
}

/** intel_pstate, amd-pstate and most servers give each core a policy of its own: one class of such cores is set as one cluster, or the choices would be endless. */
function mergeSingles(domains: readonly Domain[], cpus: readonly CpuInfo[]): Domain[] {
  const single = (domain: Domain) => domain.policies.length > 0 && coresIn(domain, cpus) === 1
  const singles = domains.filter(single)
  if (singles.length < 2) return [...domains]
  const classes = classesOf(
    singles.map((domain) => ({ coreType: coreTypeOf(domain, cpus), capacity: capacityOf(domain, cpus, 1), maxFreqHz: maxFreqOf(domain) })),
  )
  const merged = [...new Set(classes)].map((cls) => {
    const members = singles.filter((_, i) => classes[i] === cls)
    return { cpus: members.flatMap((one) => one.cpus).sort((a, b) => a - b), policies: members.flatMap((one) => one.policies) }
  })
  return [...domains.filter((domain) => !single(domain)), ...merged].sort((a, b) => (a.cpus[0] as number) - (b.cpus[0] as number))
}

/** Physical cores of a domain: hyper-threads of one core count once. */
function coresIn(domain: Domain, cpus: readonly CpuInfo[]): number {
  const known = cpus.filter((cpu) => domain.cpus.includes(cpu.cpu))
  return new Set(known.map((cpu) => (cpu.coreId === undefined ? `cpu ${cpu.cpu}` : `${cpu.packageId} ${cpu.coreId}`))).size || domain.cpus.length
}

function coreTypeOf(domain: Domain, cpus: readonly CpuInfo[]): string | undefined {
  return cpus.find((cpu) => domain.cpus.includes(cpu.cpu))?.coreType
}

function capacityOf(domain: Domain, cpus: readonly CpuInfo[], biggest: number): number | undefined {
  const capacity = cpus.find((cpu) => domain.cpus.includes(cpu.cpu) && cpu.capacity !== undefined)?.capacity
  return capacity === undefined ? undefined : capacity / biggest
}

function maxFreqOf(domain: Domain): number | undefined {
  return domain.policies[0]?.maxFreqHz ?? domain.policies[0]?.frequenciesHz.at(-1)
}

function writableOf(policies: readonly CpufreqPolicy[]): Cluster['writable'] {
  if (policies.length === 0 || policies.some((policy) => policy.writable === 'absent')) return 'absent'
  return policies.every((policy) => policy.writable === 'yes') ? 'yes' : 'denied'
}

function oppsOf(policy: CpufreqPolicy | undefined, findings: Finding[]): { opps: Opp[]; quality: OppsQuality } {
  if (policy === undefined) return { opps: [], quality: 'none' }
  if (policy.frequenciesHz.length > 0) return { opps: policy.frequenciesHz.map((freqHz) => ({ freqHz })), quality: 'listed' }
  const { minFreqHz, maxFreqHz } = policy
  if (minFreqHz === undefined || maxFreqHz === undefined || minFreqHz > maxFreqHz) return { opps: [], quality: 'none' }
  const steps = rangeOf(minFreqHz, maxFreqHz)
  if (!findings.some((finding) => finding.where.endsWith('scaling_available_frequencies')))
    findings.push({
      where: `${policy.path}/scaling_available_frequencies`,
      what: `${policy.driver ?? 'the driver'} lists no frequencies: ${steps.length} even steps from min to max stand in for OPPs`,
    })
  return { opps: steps.map((freqHz) => ({ freqHz })), quality: 'range' }
}

/** Both limits and at most six even steps between them, on multiples of 100 MHz, ascending. */
export function rangeOf(minFreqHz: number, maxFreqHz: number): number[] {
  const inner = Array.from({ length: rangeSteps - 2 }, (_, i) => minFreqHz + ((i + 1) * (maxFreqHz - minFreqHz)) / (rangeSteps - 1))
    .map((freqHz) => Math.round(freqHz / rangeUnitHz) * rangeUnitHz)
    .filter((freqHz) => freqHz > minFreqHz && freqHz < maxFreqHz)
  return [...new Set([minFreqHz, ...inner, maxFreqHz])]
}
