import { element, setText } from "./dom.js";
import { clipped, number } from "./format.js";

/** Numbers of one array that get a row of their own. */
const MOST_ROWS = 64;

/** Shows an observation as a table with a bar for each number, between its bounds or those seen so far. */
export class ValuesStage {
  constructor(table, leaves) {
    this.rows = [];
    const body = element("tbody");
    for (const leaf of leaves) {
      const count = Math.min(leaf.count, MOST_ROWS);
      for (let i = 0; i < count; i++) body.append(this.makeRow(leaf, i));
      if (count < leaf.count) {
        const rest = `${leaf.path.join(".") || "observation"}: ${number(leaf.count - count)} more in the raw frame`;
        body.append(element("tr", {}, element("td", { colspan: 3, class: "more" }, rest)));
      }
    }
    table.replaceChildren(element("caption", { class: "visually-hidden" }, "Observation"), body);
  }

  makeRow(leaf, i) {
    const name = leaf.path.join(".");
    const place = leaf.count > 1 || leaf.shape.length ? `[${index(leaf.shape, i)}]` : "";
    const value = element("td", { class: "value" });
    const fill = element("span", { class: "fill" });
    const bar = element("td", { class: "bar" }, element("span", { class: "track" }, fill));
    this.rows.push({ leaf, i, value, fill, low: Infinity, high: -Infinity });
    return element("tr", {}, element("th", { scope: "row" }, name + place || "value"), value, bar);
  }

  draw(bytes) {
    const read = new Map();
    for (const row of this.rows) {
      if (!bytes) {
        setText(row.value, "–");
        continue;
      }
      if (!read.has(row.leaf)) read.set(row.leaf, row.leaf.values(bytes, MOST_ROWS));
      const value = row.leaf.displayed(read.get(row.leaf)[row.i]);
      setText(row.value, typeof value === "string" ? clipped(value, 200) || "(empty)" : number(value, 5));
      this.drawBar(row, Number(value));
    }
  }

  drawBar(row, value) {
    if (row.leaf.isText || !Number.isFinite(value)) {
      row.fill.style.width = "0";
      return;
    }
    row.low = Math.min(row.low, value, 0);
    row.high = Math.max(row.high, value, 0);
    let [low, high] = row.leaf.bounds(row.i).map((bound, side) => (bound === null ? [row.low, row.high][side] : Number(bound)));
    if (!(high - low > 0) || high - low > 1e6) [low, high] = [row.low, row.high];
    const at = (x) => (high > low ? Math.min(1, Math.max(0, (x - low) / (high - low))) : 0);
    // Bars grow from zero where zero is within the bounds.
    const [from, to] = [at(Math.min(0, value)), at(Math.max(0, value))];
    row.fill.style.left = `${100 * from}%`;
    row.fill.style.width = `${Math.max(0.5, 100 * (to - from))}%`;
    row.fill.classList.toggle("negative", value < 0);
  }
}

/** The place of a flat index in an array: `1, 2`. */
function index(shape, i) {
  const places = [];
  for (const extent of [...shape].reverse()) {
    places.unshift(i % extent);
    i = Math.floor(i / extent);
  }
  return places.join(", ");
}
