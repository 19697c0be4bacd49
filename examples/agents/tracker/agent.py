"""Tracks the ball: the simplest pong agent that wins games.

The arena makes one Agent for the whole match and asks it for an action at every step.
"""

UP, STAY, DOWN = 0, 1, 2  # y grows downwards

DEAD_ZONE = 0.02  # close enough; without it the paddle would tremble around the ball


class Agent:
    """Moves its paddle towards the ball's height."""

    def __init__(self, player_id):
        # The observation is the same for both seats:
        # ball x, ball y, ball vx, ball vy, left paddle y, right paddle y, left score, right score.
        # Player 0 has the left paddle, player 1 the right one.
        self.paddle = 4 + player_id

    def get_action(self, observation):
        """Returns UP, STAY or DOWN for a pong observation of eight numbers."""
        distance = observation[1] - observation[self.paddle]
        if distance > DEAD_ZONE:
            return DOWN
        if distance < -DEAD_ZONE:
            return UP
        return STAY
