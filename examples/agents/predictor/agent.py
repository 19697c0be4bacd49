"""Predicts where the ball will cross its paddle's line, walls included, and waits there."""

import rl_arena_agent

UP, STAY, DOWN = 0, 1, 2  # y grows downwards

DEAD_ZONE = 0.03
MIDDLE = 0.5


def crossing(x, y, vx, vy, goal):
    """Returns the height at which a ball at (x, y) with speed (vx, vy) reaches x = goal."""
    height = y + vy * (goal - x) / vx
    # A ball that bounces off the walls at 0 and 1 is a straight line seen in mirrors, which repeat every 2.
    height %= 2.0
    return 2.0 - height if height > 1.0 else height


class Predictor:
    """Goes to where the ball will be; to the middle while it flies away."""

    def __init__(self, player_id):
        self.paddle = 4 + player_id
        self.goal = (0.05, 0.95)[player_id]

    def reset(self):
        """Is called before every game. Nothing is remembered here; an agent that learns would start over."""

    def get_action(self, observation):
        """Returns UP, STAY or DOWN for a pong observation of eight numbers."""
        x, y, vx, vy = (float(value) for value in observation[:4])
        comes_closer = vx * (self.goal - x) > 0
        target = crossing(x, y, vx, vy, self.goal) if comes_closer else MIDDLE
        if comes_closer:
            rl_arena_agent.note(f"ball at y = {target:.3f}")  # is in the replay, for whoever wonders why it moved
        distance = target - observation[self.paddle]
        if distance > DEAD_ZONE:
            return DOWN
        if distance < -DEAD_ZONE:
            return UP
        return STAY


def create_agent(player_id):
    """Makes the agent. The arena calls this once, with the seat: 0 is the left paddle, 1 the right one."""
    return Predictor(player_id)
