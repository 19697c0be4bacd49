"""Plays pong without the arena: agents, environment and recording in one process, as rl-arena 0.1.2 is used.

    in_process_loop.py STEPS WARM_UP AGENT AGENT

Prints the steps per second after the first WARM_UP steps. An AGENT is a file with a class ``Agent`` that takes its
player's number and has ``get_action(observation)``.
"""

import importlib.util
import sys
import time

import rl_arena


def load(path, player):
    """Returns the agent in the file at ``path``, made for seat ``player``."""
    spec = importlib.util.spec_from_file_location(f"agent_{player}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.Agent(player)


def main():
    """Plays one long game."""
    steps, warm_up = int(sys.argv[1]), int(sys.argv[2])
    first, second = (load(path, player).get_action for player, path in enumerate(sys.argv[3:5]))
    environment = rl_arena.make("pong", {"max_steps": steps, "winning_score": 1_000_000})
    observations, _ = environment.reset(seed=7)
    frames = []
    step = 0
    begun = 0.0
    while True:
        actions = [first(observations[0]), second(observations[1])]
        observations, rewards, terminated, truncated, _ = environment.step(actions)
        if step % 10 == 0:
            frames.append(
                {
                    "frame_number": step,
                    "observations": [observation.tolist() for observation in observations],
                    "actions": list(actions),
                    "rewards": list(rewards),
                }
            )
        step += 1
        if step == warm_up:
            begun = time.perf_counter()
        if terminated or truncated:
            break
    elapsed = time.perf_counter() - begun
    if step != steps or len(frames) != (steps + 9) // 10:
        sys.exit(f"the game ended after {step} steps with {len(frames)} frames")
    print((steps - warm_up) / elapsed)


if __name__ == "__main__":
    main()
