"""Plays the installed rl-arena package's pong and writes every bit of every step to standard output.

The argument is a JSON list of cases: ``configuration``, ``seed``, ``steps``, ``policies`` (one per seat). A case plays
game after game, each with a seed of its own, until its steps are used up. Standard output holds, little-endian:

- per game, ``b"G"``, the seed (u64) and the observation (8 f32);
- per step, ``b"S"``, the actions (2 i8), the observation (8 f32), the rewards (2 f64), terminated and truncated
  (2 bytes), and from the info the scores (2 i64), the ball (2 f64) and the paddles (2 f64).
"""

import json
import random
import struct
import sys

import numpy as np
import rl_arena
from rl_arena.envs.pong.environment import PongEnvironment

assert np.__version__.startswith("2."), f"the reference is pong under NumPy 2, not {np.__version__}"
assert rl_arena.__version__ == "0.1.2", f"the reference is rl-arena 0.1.2, not {rl_arena.__version__}"

UP, STAY, DOWN = 0, 1, 2


def tracker(observation, seat, dice, state):
    """Follow the ball's height."""
    distance = float(observation[1]) - float(observation[4 + seat])
    return STAY if abs(distance) < 0.03 else (DOWN if distance > 0 else UP)


def uniform(observation, seat, dice, state):
    """Do anything."""
    return dice.randrange(3)


def sloppy(observation, seat, dice, state):
    """Follow the ball's height most of the time."""
    policy = tracker if dice.random() < 0.8 else uniform
    return policy(observation, seat, dice, state)


def stubborn(observation, seat, dice, state):
    """Do one thing for a while, then another."""
    if state.get("left", 0) == 0:
        state["left"], state["action"] = dice.randint(1, 40), dice.randrange(3)
    state["left"] -= 1
    return state["action"]


POLICIES = {"tracker": tracker, "uniform": uniform, "sloppy": sloppy, "stubborn": stubborn}


def packed(observations):
    """Return the one observation that both seats see, as bytes."""
    first, second = observations
    assert first.dtype == second.dtype == np.float32 and first.shape == second.shape == (8,)
    assert first.tobytes() == second.tobytes()
    return first.astype("<f4").tobytes()


def play(case, out):
    """Play one case."""
    environment = PongEnvironment(case["configuration"])
    seed = int(case["seed"])
    dice = [random.Random(f"{seed} {seat}") for seat in range(2)]
    states = [{}, {}]
    policies = [POLICIES[name] for name in case["policies"]]
    is_over = True
    for _ in range(case["steps"]):
        if is_over:
            observations, _ = environment.reset(seed=seed)
            out.write(b"G" + struct.pack("<Q", seed) + packed(observations))
            seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        actions = [policies[seat](observations[seat], seat, dice[seat], states[seat]) for seat in range(2)]
        observations, rewards, terminated, truncated, info = environment.step(actions)
        out.write(b"S" + struct.pack("<2b", *actions) + packed(observations))
        out.write(struct.pack("<2d??2q", *rewards, terminated, truncated, *info["scores"]))
        out.write(struct.pack("<4d", *map(float, info["ball_pos"]), *map(float, info["paddle_positions"])))
        is_over = terminated or truncated


for each in json.loads(sys.argv[1]):
    play(each, sys.stdout.buffer)
