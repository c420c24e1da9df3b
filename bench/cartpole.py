"""Steps per second of Gymnasium's CartPole-v1 under random actions, one number a line: the yardstick of sim-speed.ts."""
import sys
import time

import gymnasium

steps, rounds = int(sys.argv[1]), int(sys.argv[2])
env = gymnasium.make("CartPole-v1")
env.action_space.seed(1)
env.reset(seed=1)
for _ in range(rounds):
    began = time.process_time()
    for _ in range(steps):
        _, _, terminated, truncated, _ = env.step(env.action_space.sample())
        if terminated or truncated:
            env.reset()
    print(steps / (time.process_time() - began), flush=True)
