/** Dark or light: as the system has it, until somebody presses the button. Nothing is stored. */
export class Theme {
  constructor(button, changed) {
    this.button = button;
    this.system = matchMedia("(prefers-color-scheme: dark)");
    this.chosen = null;
    this.changed = changed;
    button.addEventListener("click", () => this.toggle());
    this.system.addEventListener("change", () => this.apply());
    this.apply();
  }

  get isDark() {
    return this.chosen === null ? this.system.matches : this.chosen === "dark";
  }

  toggle() {
    this.chosen = this.isDark ? "light" : "dark";
    this.apply();
  }

  apply() {
    if (this.chosen) document.documentElement.dataset.theme = this.chosen;
    this.button.setAttribute("aria-label", this.isDark ? "Light theme" : "Dark theme");
    this.changed();
  }
}
