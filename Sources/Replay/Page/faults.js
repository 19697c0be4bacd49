/** What an agent can do wrong, by its number in a replay: its name, a word for it, and the mark that it has on the timeline. */
export const FAULTS = {
  1: { name: "timeout", words: "no answer in time", shape: "triangle" },
  2: { name: "invalid_action", words: "invalid action", shape: "cross" },
  3: { name: "exception", words: "exception", shape: "diamond" },
  4: { name: "protocol", words: "broke the protocol", shape: "square" },
  5: { name: "disconnected", words: "disconnected", shape: "ring" },
  6: { name: "startup", words: "did not start", shape: "bar" },
};

/** Draws the mark of a fault around a point. Kinds differ by shape; colour only helps. */
export function drawMark(context, shape, x, y, size, colour) {
  const r = size / 2;
  context.fillStyle = colour;
  context.strokeStyle = colour;
  context.lineWidth = Math.max(1.5, size / 5);
  context.beginPath();
  if (shape === "triangle") {
    context.moveTo(x, y - r);
    context.lineTo(x + r, y + r * 0.8);
    context.lineTo(x - r, y + r * 0.8);
  } else if (shape === "diamond") {
    context.moveTo(x, y - r * 1.1);
    context.lineTo(x + r * 0.9, y);
    context.lineTo(x, y + r * 1.1);
    context.lineTo(x - r * 0.9, y);
  } else if (shape === "square") {
    context.rect(x - r * 0.8, y - r * 0.8, r * 1.6, r * 1.6);
  } else if (shape === "bar") {
    context.rect(x - r * 0.35, y - r, r * 0.7, r * 2);
  } else if (shape === "cross") {
    context.moveTo(x - r * 0.8, y - r * 0.8);
    context.lineTo(x + r * 0.8, y + r * 0.8);
    context.moveTo(x + r * 0.8, y - r * 0.8);
    context.lineTo(x - r * 0.8, y + r * 0.8);
    return context.stroke();
  } else {
    context.arc(x, y, r * 0.75, 0, 2 * Math.PI);
    return context.stroke();
  }
  context.closePath();
  context.fill();
}
