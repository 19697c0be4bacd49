"""Wanders: keeps to a direction for a while, then picks another. A single file with one function is an agent too."""

import random

ACTIONS = (0, 1, 2)  # up, stay, down
PATIENCE = 0.9  # how likely it is to go on as before

direction = 1


def get_action(observation):
    """Returns an action for any game with three of them; the observation is not looked at."""
    global direction
    if random.random() > PATIENCE:
        direction = random.choice(ACTIONS)
    return direction


def reset():
    """Is called before every game."""
    global direction
    direction = 1
