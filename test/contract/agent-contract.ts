import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Agent, AgentInput, AgentKind, Choice, Limit, Transition } from '../../src/core/agent.ts'
import { makeOutcome } from '../../src/core/outcome.ts'
import { makeRng, type Rng } from '../../src/core/rng.ts'
import { type Mask, monitorIndex, type NominalOutcome, type Observation } from '../../src/core/spaces.ts'
import { type AgentWorld, oddWorlds, scriptedWorld } from './agent-worlds.ts'

const scripted = scriptedWorld()
const { spaces } = scripted
const actions = spaces.points.length
const monitors = spaces.monitors.length

/** They steer by what they measure and learn nothing: frozen, there is nothing that they would stop doing. */
const reactive = /^(?:alert|ladder|ondemand|schedutil)\b/

/** What every agent, present and future, has to keep to. */
export function testAgentContract(kind: AgentKind): void {
  const make = (more: Partial<AgentInput> = {}, world = scripted): Agent => kind.make({ ...world, seed: 5, options: {}, ...more })

  describe(`agent contract: ${kind.name}`, () => {
    it('never picks a masked action, whatever it sees', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(maskArbitrary, observationArbitrary), { minLength: 1, maxLength: 20 }),
          fc.integer(),
          async (steps, seed) => {
            const agent = make({ seed })
            const life = makeLife(seed)
            for (const [mask, observation] of steps) {
              const { action, greedy } = await choose(agent, observation, mask)
              expect(mask[action]).toBe(1)
              expect(mask[greedy]).toBe(1)
              agent.learn(life.transition(observation, mask, action))
            }
          },
        ),
      )
    })

    it('states the distribution that it samples from: it sums to 1 over the mask, holds the propensity, and follows from greedy and epsilon where it is of that form', async () => {
      await fc.assert(
        fc.asyncProperty(maskArbitrary, observationArbitrary, fc.integer({ min: 0, max: 60 }), async (mask, observation, steps) => {
          const agent = await liveThrough(make(), steps)
          const out = new Float64Array(actions)
          agent.distribution(observation, mask, out)
          expect(out.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12)
          const { action, propensity, greedy, epsilon } = await choose(agent, observation, mask)
          const allowed = mask.reduce((sum, bit) => sum + bit, 0)
          expect(propensity).toBe(out[action])
          // Of another form: greedy is the likeliest.
          if (Number.isNaN(epsilon)) {
            expect(out[greedy]).toBe(Math.max(...out))
            return
          }
          out.forEach((p, a) => {
            expect(p).toBe(mask[a] === 1 ? epsilon / allowed + (a === greedy ? 1 - epsilon : 0) : 0)
          })
        }),
      )
    })

    it('draws every action as often as the distribution says', async () => {
      const mask = new Uint8Array(actions).fill(1)
      mask[2] = 0
      const observation = makeLife(3).observation()
      const out = new Float64Array(actions)
      const saved = JSON.stringify((await liveThrough(make(), 30)).save())
      const counts = new Float64Array(actions)
      const draws = 4000
      // Each draw from the same state with another generator: an agent's epsilon may depend on how often it was asked.
      for (let i = 0; i < draws; i++) {
        const agent = make({ data: { ...JSON.parse(saved), rng: makeRng(i).state() } })
        if (i === 0) agent.distribution(observation, mask, out)
        const { action } = await choose(agent, observation, mask)
        counts[action] = (counts[action] as number) + 1
      }
      out.forEach((p, a) => {
        // Five standard deviations of a binomial count.
        expect(Math.abs((counts[a] as number) - p * draws)).toBeLessThanOrEqual(5 * Math.sqrt(p * (1 - p) * draws))
      })
    })

    it('does not advance its generator, nor learn, when asked for the distribution', async () => {
      const [asked, left] = [make(), make()]
      const out = new Float64Array(actions)
      const [lifeA, lifeB] = [makeLife(9), makeLife(9)]
      for (let step = 0; step < 80; step++) {
        for (let i = 0; i < 3; i++) asked.distribution(makeLife(step + i).observation(), makeLife(step).mask(), out)
        expect(await liveOnce(asked, lifeA)).toEqual(await liveOnce(left, lifeB))
      }
      expect(JSON.stringify(asked.save())).toBe(JSON.stringify(left.save()))
    })

    if (kind.name !== 'random')
      it('explains what it would do: the greedy point, runners-up that are allowed, costs that are known or NaN; nothing changes by asking', async () => {
        const [asked, left] = [make(), make()]
        const [lifeA, lifeB] = [makeLife(9), makeLife(9)]
        const explain = asked.explain as NonNullable<Agent['explain']>
        const allowed = (mask: Mask, action: number): boolean => mask[action] === 1
        for (let step = 0; step < 80; step++) {
          const [observation, mask] = [makeLife(step).observation(), makeLife(step).mask()]
          const { chosen, runnersUp, relaxed, feasible, movedBy } = explain(observation, mask)
          const out = new Float64Array(actions)
          asked.distribution(observation, mask, out)
          expect(out[chosen.action]).toBe(Math.max(...out))
          expect(runnersUp.length).toBeLessThanOrEqual(3)
          expect(runnersUp.map(({ action }) => action)).not.toContain(chosen.action)
          for (const { action, cost } of runnersUp) expect([allowed(mask, action), Number.isFinite(cost)]).toEqual([true, true])
          // What is not known is never 0.
          for (const value of [chosen.latencyS, chosen.latencyHighS, chosen.energyJ, chosen.cost]) expect(value).not.toBe(0)
          expect(Object.keys(feasible).every((limit) => relaxed.includes(limit as Limit))).toBe(true)
          expect(movedBy.every(({ monitor, insteadOf }) => monitorIndex(spaces, monitor) >= 0 && allowed(mask, insteadOf))).toBe(true)
          // Where chance had a say, what was done is explained.
          const drawn = mask.lastIndexOf(1)
          expect(explain(observation, mask, drawn).chosen.action).toBe(drawn)
          expect(await liveOnce(asked, lifeA)).toEqual(await liveOnce(left, lifeB))
        }
        expect(JSON.stringify(asked.save())).toBe(JSON.stringify(left.save()))
      })

    if (make().costs !== undefined)
      it('tells what every point is believed to cost, as it explains it; nothing changes by asking', async () => {
        const [asked, left] = [make(), make()]
        const [lifeA, lifeB] = [makeLife(9), makeLife(9)]
        const out = new Float64Array(actions)
        for (let step = 0; step < 80; step++) {
          const observation = makeLife(step).observation()
          asked.costs?.(observation, out)
          const known = out.filter(Number.isFinite)
          expect([0, actions]).toContain(known.length)
          for (const cost of known) expect(cost).toBeGreaterThan(0)
          expect(await liveOnce(asked, lifeA)).toEqual(await liveOnce(left, lifeB))
        }
        expect(out.every(Number.isFinite)).toBe(true)
        expect(JSON.stringify(asked.save())).toBe(JSON.stringify(left.save()))
      })

    it('makes the same decisions from the same seed', async () => {
      expect(await decisions(make(), 200, makeLife(4))).toEqual(await decisions(make(), 200, makeLife(4)))
    })

    it('goes on from a checkpoint, through text, as if never stopped', async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 0, max: 100 }), async (stop) => {
          const [through, stopped] = [make(), make()]
          const [lifeA, lifeB] = [makeLife(4), makeLife(4)]
          await decisions(through, stop, lifeA)
          await decisions(stopped, stop, lifeB)
          // A resumed run may have measured another profile: what was saved counts.
          const resumed = make({ data: JSON.parse(JSON.stringify(stopped.save())), seed: 99, priorCost: new Float64Array(actions).fill(2) })
          expect(await decisions(resumed, 100, lifeB)).toEqual(await decisions(through, 100, lifeA))
          expect(JSON.stringify(resumed.save())).toBe(JSON.stringify(through.save()))
        }),
        { numRuns: 25 },
      )
    })

    if (!reactive.test(kind.name))
      it('frozen, neither learns nor explores', async () => {
        const agent = make({ data: JSON.parse(JSON.stringify((await liveThrough(make(), 60)).save())), frozen: true })
        const life = makeLife(12)
        const before = JSON.stringify({ ...agent.save(), rng: 0 })
        const seen = Array.from({ length: 20 }, () => ({ observation: life.observation(), mask: life.mask() }))
        const ask = (): number[][] =>
          seen.map(({ observation, mask }) => {
            const out = new Float64Array(actions)
            agent.distribution(observation, mask, out)
            return Array.from(out)
          })
        const asked = ask()
        await decisions(agent, 100, life)
        expect(ask()).toEqual(asked)
        expect(JSON.stringify({ ...agent.save(), rng: 0 })).toBe(before)
        // `random` is uniform by definition; every other frozen policy takes one action.
        if (kind.name !== 'random') for (const distribution of asked) expect(Math.max(...distribution)).toBe(1)
      })

    if (reactive.test(kind.name))
      it('frozen, steers as ever: there is nothing learned to freeze', async () => {
        expect(await decisions(make({ frozen: true }), 200, makeLife(4))).toEqual(await decisions(make(), 200, makeLife(4)))
      })

    it('reuses its choice object', async () => {
      const agent = make()
      const life = makeLife(1)
      const first = await agent.act(life.observation(), life.mask())
      expect(await agent.act(life.observation(), life.mask())).toBe(first)
    })

    if (kind.needs !== undefined)
      it('says so where what it needs is not there', () => {
        expect(() => kind.make({ spaces, seed: 1, options: {} })).toThrow(
          expect.objectContaining({ code: 'ERR_USAGE', message: expect.stringContaining(kind.name.split(' ')[0] as string) }),
        )
      })

    it(`works ${kind.needs === undefined ? 'without a profile, and ' : ''}with every monitor absent`, async () => {
      const agent = kind.needs === undefined ? kind.make({ spaces, seed: 1, options: {} }) : make()
      const absent = new Float64Array(monitors).fill(Number.NaN)
      const mask = new Uint8Array(actions).fill(1)
      const life = makeLife(2)
      for (let i = 0; i < 20; i++) agent.learn(life.transition(absent, mask, (await choose(agent, absent, mask)).action))
      const out = new Float64Array(actions)
      agent.distribution(absent, mask, out)
      expect(out.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12)
    })

    it('is not poisoned by an outcome whose cost is not known', async () => {
      const agent = await liveThrough(make(), 10)
      const before = JSON.stringify(agent.save())
      const life = makeLife(2)
      agent.learn({ ...life.transition(life.observation(), new Uint8Array(actions).fill(1), 0), cost: Number.NaN })
      expect(JSON.stringify(agent.save())).toBe(before)
    })

    it('refuses an option that it does not have, or that is out of range', () => {
      expect(() => make({ options: { nonsense: 1 } })).toThrow(expect.objectContaining({ code: 'ERR_UNKNOWN_OPTION' }))
      for (const option of kind.options) {
        if (option.low !== undefined)
          expect(() => make({ options: { [option.name]: (option.low as number) - 1 } })).toThrow(expect.objectContaining({ code: 'ERR_RANGE' }))
        const wrongType = typeof option.default === 'boolean' ? 1 : true
        expect(() => make({ options: { [option.name]: wrongType } })).toThrow(expect.objectContaining({ code: 'ERR_RANGE' }))
      }
    })

    it('refuses data of another layout', () => {
      expect(() => make({ data: { ...make().save(), version: 1000 } })).toThrow(expect.objectContaining({ code: 'ERR_CHECKPOINT_SCHEMA' }))
    })

    for (const [title, makeWorld] of Object.entries(oddWorlds))
      it(`keeps to all this in spaces of another shape: ${title}`, async () => {
        const world = makeWorld()
        const points = world.spaces.points.length
        const [agent, twin] = [make({}, world), make({}, world)]
        const [life, twinLife] = [makeLife(6, world), makeLife(6, world)]
        const out = new Float64Array(points)
        const live = async (one: Agent, stream: Life, steps: number): Promise<Choice[]> => {
          const choices: Choice[] = []
          while (choices.length < steps) {
            const [observation, mask] = [stream.observation(), stream.mask()]
            one.distribution(observation, mask, out)
            const choice = await choose(one, observation, mask)
            expect(mask[choice.action]).toBe(1)
            expect(out[choice.action]).toBe(choice.propensity)
            expect(out.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12)
            one.learn(stream.transition(observation, mask, choice.action))
            choices.push(choice)
          }
          return choices
        }
        expect(await live(agent, life, 120)).toEqual(await live(twin, twinLife, 120))
        const resumed = make({ data: JSON.parse(JSON.stringify(twin.save())), seed: 99 }, world)
        expect(await live(resumed, twinLife, 60)).toEqual(await live(agent, life, 60))
      })
  })
}

const maskArbitrary: fc.Arbitrary<Mask> = fc
  .array(fc.boolean(), { minLength: actions, maxLength: actions })
  .filter((bits) => bits.includes(true))
  .map((bits) => Uint8Array.from(bits, Number))

const observationArbitrary: fc.Arbitrary<Observation> = fc
  .array(fc.oneof(fc.constant(Number.NaN), fc.double({ min: 0, max: 1, noNaN: true })), { minLength: monitors, maxLength: monitors })
  .map((values) => Float64Array.from(values))

/** A seeded stream of observations, masks and costs, so that two agents can live the same life. */
interface Life {
  observation(): Observation
  mask(): Mask
  transition(observation: Observation, mask: Mask, action: number): Transition
}

function makeLife(seed: number, world: AgentWorld = scripted): Life {
  const rng: Rng = makeRng(seed)
  const { points, monitors } = world.spaces
  const set = (observation: Observation, name: string, value: number): void => {
    const index = monitorIndex(world.spaces, name)
    if (index >= 0) observation[index] = value
  }
  const life: Life = {
    observation() {
      // Few different values, so that states recur; requirements that change now and then.
      const observation = Float64Array.from(monitors, () => (rng.next() < 0.2 ? Number.NaN : Math.floor(rng.next() * 4) / 4))
      set(observation, 'deadlineS', rng.next() < 0.8 ? 0.012 : 0.02)
      set(observation, 'energyBudgetJ', Number.NaN)
      set(observation, 'accuracyFloor', rng.next() < 0.9 ? Number.NaN : 0.6)
      return observation
    },
    mask() {
      const mask = Uint8Array.from(points, () => (rng.next() < 0.3 ? 0 : 1))
      mask[rng.int(points.length)] = 1
      return mask
    },
    transition: (observation, mask, action) => ({
      observation,
      mask,
      action,
      propensity: 1,
      outcome: { ...makeOutcome(), ...slowed(world.nominal[action] as NominalOutcome, 0.8 + rng.next()) },
      requirements: { percentile: 99 },
      cost: 0.3 + rng.next() * 2,
      durationS: 0.033,
      nextObservation: life.observation(),
      nextMask: life.mask(),
    }),
  }
  return life
}

const slowed = ({ latencyS, energyJ, accuracy }: NominalOutcome, by: number): NominalOutcome => ({
  latencyS: latencyS * by,
  energyJ: energyJ * by,
  accuracy,
})

async function choose(agent: Agent, observation: Observation, mask: Mask): Promise<Choice> {
  return { ...(await agent.act(observation, mask)) }
}

async function liveOnce(agent: Agent, life: Life): Promise<Choice> {
  const observation = life.observation()
  const mask = life.mask()
  const choice = await choose(agent, observation, mask)
  agent.learn(life.transition(observation, mask, choice.action))
  return choice
}

async function decisions(agent: Agent, steps: number, life: Life): Promise<Choice[]> {
  const choices: Choice[] = []
  while (choices.length < steps) choices.push(await liveOnce(agent, life))
  return choices
}

async function liveThrough(agent: Agent, steps: number): Promise<Agent> {
  await decisions(agent, steps, makeLife(8))
  return agent
}
