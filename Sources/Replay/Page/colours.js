/** The colours of the style sheet, for canvases. */
export class Colours {
  constructor() {
    this.probe = document.createElement("span");
    this.probe.hidden = true;
    document.body.append(this.probe);
    this.known = new Map();
  }

  /** They may have changed. */
  forget() {
    this.known.clear();
  }

  /** The colour of a custom property, resolved for the theme in force. */
  get(name) {
    if (!this.known.has(name)) {
      this.probe.style.color = `var(--${name})`;
      this.known.set(name, getComputedStyle(this.probe).color);
    }
    return this.known.get(name);
  }

  /** The colour of a seat. */
  seat(index) {
    return this.get(`seat-${index % 6}`);
  }
}

/** Lines of seats differ by their dashes too. */
export function dashes(seat) {
  return [[], [5, 3], [2, 2], [8, 3, 2, 3], [1, 3], [10, 4]][seat % 6];
}
