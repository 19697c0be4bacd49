/** Calls what a key stands for, wherever the focus is, unless the key means something to the element that has it. */
export function listenToKeys(actions) {
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]")) return;
    const target = event.target instanceof Element ? event.target : document.body;
    const isSlider = target.id === "position";
    if (!isSlider && target.closest("select, input, textarea")) return;
    // Space and Enter press the button that has the focus.
    if ((event.key === " " || event.key === "Enter") && target.closest("button, summary, a")) return;
    const action = actions[(event.shiftKey && event.key.startsWith("Arrow") ? "Shift+" : "") + event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}
