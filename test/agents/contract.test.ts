import { agentKinds } from '../../agents/index.ts'
import { testAgentContract } from '../contract/agent-contract.ts'

for (const kind of agentKinds) testAgentContract(kind)
