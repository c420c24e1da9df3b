import type { Agent, AgentInput, CheckpointData } from '../../src/core/agent.ts'
import { begin } from '../data-version.ts'
import type { LinearBeliefSettings } from './belief.ts'
import { type LinearModel, type LinearModelData, makeLinearModel } from './model.ts'

/** What every linear agent saves. */
export interface LinearData extends CheckpointData {
  readonly model: LinearModelData
}

/** What every linear agent has, however it chooses. */
export interface LinearBeginning<Data extends LinearData> extends ReturnType<typeof begin<Data>> {
  readonly model: LinearModel
  readonly frozen: boolean
  /** 0 when frozen. */
  readonly epsilon: number
  readonly common: Pick<Agent, 'learn' | 'costs'>
}

/** Throws ERR_CHECKPOINT_SCHEMA for saved data of another layout. */
export function beginLinear<Data extends LinearData>(
  agent: string,
  input: AgentInput,
  settings: LinearBeliefSettings & { readonly epsilon: number },
  version: number,
): LinearBeginning<Data> {
  const { data, rng } = begin<Data>(agent, input, version)
  const model = makeLinearModel(input, settings, data?.model)
  const frozen = input.frozen === true
  return {
    data,
    rng,
    model,
    frozen,
    epsilon: frozen ? 0 : settings.epsilon,
    common: {
      learn(transition) {
        if (!frozen) model.learn(transition)
      },
      costs: model.predictCosts,
    },
  }
}
