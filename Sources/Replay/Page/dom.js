/** The element of the page with this id. */
export function byID(id) {
  return document.getElementById(id);
}

/** A new element. What it is given is text or elements, never markup. */
export function element(name, attributes = {}, ...children) {
  const created = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) created.setAttribute(key, value);
  }
  created.append(...children);
  return created;
}

/** Writes text where it differs: what does not change is not laid out again. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Fits a canvas to its place on the screen and returns its context, in CSS pixels. */
export function prepareCanvas(canvas) {
  const { clientWidth: width, clientHeight: height } = canvas;
  const ratio = Math.min(3, window.devicePixelRatio || 1);
  const [pixelWidth, pixelHeight] = [Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))];
  if (canvas.width !== pixelWidth || canvas.height !== pixelHeight) {
    canvas.width = pixelWidth;
    canvas.height = pixelHeight;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}
