/** A whole or fractional number for people. */
export function number(value, digits = 3) {
  if (value === null || value === undefined) return "–";
  if (typeof value === "bigint" || !Number.isFinite(value)) return String(value).replace("Infinity", "∞").replace("-", "−");
  if (Math.abs(value) >= 1e15 || (value !== 0 && Math.abs(value) < 10 ** -digits)) return value.toPrecision(digits + 1).replace(/-/g, "−");
  // Adding 0 takes the sign off -0. A true minus is as wide as a digit.
  return (value + 0).toLocaleString("en", { maximumFractionDigits: digits }).replace("-", "−");
}

/** A number with its sign, as rewards have one. */
export function signed(value) {
  return (value > 0 ? "+" : "") + number(value);
}

/** Microseconds in the unit that suits them. */
export function duration(microseconds) {
  if (microseconds === null || !Number.isFinite(microseconds)) return "–";
  if (microseconds < 1000) return `${Math.round(microseconds)} µs`;
  if (microseconds < 1e6) return `${Number((microseconds / 1e3).toPrecision(3))} ms`;
  if (microseconds < 60e6) return `${Number((microseconds / 1e6).toPrecision(3))} s`;
  const seconds = Math.round(microseconds / 1e6);
  return seconds < 3600
    ? `${Math.floor(seconds / 60)} min ${seconds % 60} s`
    : `${Math.floor(seconds / 3600)} h ${Math.floor(seconds / 60) % 60} min`;
}

/** `3 steps`, `1 step`. */
export function counted(count, noun) {
  return `${number(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** A text cut to a length, with a mark that it was. */
export function clipped(text, length) {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** Any value as indented JSON: short arrays on one line, NaN and the infinities as the protocol writes them, integers in full. */
export function json(value, indent = "") {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number" && !Number.isFinite(value)) return Number.isNaN(value) ? '"NaN"' : value > 0 ? '"inf"' : '"-inf"';
  if (typeof value === "number" && Object.is(value, -0)) return "-0.0";
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const parts = value.map((part) => json(part, inner));
    if (!value.some((part) => part !== null && typeof part === "object")) return wrapped(parts, indent);
    return `[\n${parts.map((part) => inner + part).join(",\n")}\n${indent}]`;
  }
  const members = value instanceof Map ? [...value] : Object.entries(value);
  if (members.length === 0) return "{}";
  return `{\n${members.map(([key, part]) => `${inner}${JSON.stringify(key)}: ${json(part, inner)}`).join(",\n")}\n${indent}}`;
}

/** An array of simple values, in lines of about 80 characters. */
function wrapped(parts, indent) {
  const lines = [""];
  for (const [i, part] of parts.entries()) {
    const text = i < parts.length - 1 ? `${part}, ` : part;
    if (lines.at(-1).length + text.length > 80) lines.push("");
    lines[lines.length - 1] += text;
  }
  if (lines.length === 1) return `[${lines[0]}]`;
  return `[\n${lines.map((line) => `${indent}  ${line.trimEnd()}`).join("\n")}\n${indent}]`;
}
