"""Vowpal Wabbit as a contextual bandit with action-dependent features, one JSON line in, one out: what bench/agents/vowpal.ts drives.

{"op": "begin", "args": "...", "seed": 1, "actions": ["|a x:1", ...]}   a learner that knows nothing; no answer
{"op": "act", "shared": "|s ...", "allowed": [0, 2]}                   answers {"action", "propensity", "parseS", "predictS", "learnS"}; learnS is that of the last learn
{"op": "learn", "cost": 0.7}                                           of the last act; no answer

Times are of this process alone: text into examples, prediction with the draw, learning.
"""
import json
import random
import sys
import time

import vowpalwabbit

learner, actions, rng = None, [], random.Random()
examples, chosen, propensity, learn_s = None, 0, 1.0, 0.0


def forget():
    global examples
    if examples is not None:
        learner.finish_example(examples)
        examples = None


for line in sys.stdin:
    message = json.loads(line)
    op = message["op"]
    if op == "begin":
        forget()
        if learner is not None:
            learner.finish()
        learner = vowpalwabbit.Workspace(f"{message['args']} --quiet --random_seed {message['seed']}")
        actions, rng, learn_s = message["actions"], random.Random(message["seed"]), 0.0
    elif op == "act":
        forget()
        allowed = message["allowed"]
        began = time.perf_counter()
        examples = learner.parse("\n".join(["shared " + message["shared"]] + [actions[a] for a in allowed]))
        parsed = time.perf_counter()
        # Sums to 1 but for single precision.
        scores = learner.predict(examples)
        draw, chosen = rng.random() * sum(scores), 0
        while chosen < len(scores) - 1 and draw >= scores[chosen]:
            draw -= scores[chosen]
            chosen += 1
        propensity = scores[chosen] / sum(scores)
        predicted = time.perf_counter()
        answer = {"action": allowed[chosen], "propensity": propensity, "parseS": parsed - began, "predictS": predicted - parsed, "learnS": learn_s}
        print(json.dumps(answer), flush=True)
    elif op == "learn":
        began = time.perf_counter()
        examples[1 + chosen].set_label_string(f"0:{message['cost']}:{propensity}")
        learner.learn(examples)
        learn_s = time.perf_counter() - began
