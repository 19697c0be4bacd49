/** What can be chosen as speed. */
export const SPEEDS = [0.25, 0.5, 1, 2, 4, 8, 16, Infinity];

/** Decides which position is shown when. Knows nothing of how. */
export class Player {
  /** `show` is given a frame; `changed` is called when playing starts or stops, `failed` where a frame cannot be had. */
  constructor(replay, stepsPerSecond, { show, changed, failed }) {
    this.replay = replay;
    this.stepsPerSecond = stepsPerSecond;
    this.showFrame = show;
    this.changed = changed;
    this.failed = failed;
    this.range = [0, Math.max(0, replay.length - 1)];
    this.position = 0;
    this.speed = 1;
    this.isPlaying = false;
    this.request = 0;
    this.run = 0;
  }

  get atEnd() {
    return this.position >= this.range[1];
  }

  /** Steps per second at the speed that was chosen: at the highest, the whole range in ten seconds. */
  get rate() {
    const length = this.range[1] - this.range[0];
    return this.speed === Infinity ? Math.max(32 * this.stepsPerSecond, length / 10) : this.speed * this.stepsPerSecond;
  }

  setRange(range) {
    this.range = range;
    return this.seek(this.position);
  }

  /** Goes to a position, the nearest one within the range. Of several requests at a time the last one wins. */
  async seek(position) {
    this.position = Math.min(this.range[1], Math.max(this.range[0], position));
    this.due = 0;
    await this.show();
  }

  async show() {
    const request = ++this.request;
    const { position } = this;
    try {
      await this.replay.prepare(position);
    } catch {
      this.pause();
      return this.failed();
    }
    if (request === this.request) this.showFrame(this.replay.frame(position));
  }

  play() {
    if (this.isPlaying || this.replay.length === 0) return;
    if (this.atEnd) this.position = this.range[0];
    this.isPlaying = true;
    this.due = 0;
    this.last = null;
    this.changed();
    // Whoever pauses and plays on before the next tick gets no second clock.
    const run = ++this.run;
    requestAnimationFrame((time) => this.tick(time, run));
  }

  pause() {
    if (!this.isPlaying) return;
    this.isPlaying = false;
    this.changed();
  }

  toggle() {
    if (this.isPlaying) this.pause();
    else this.play();
  }

  async tick(time, run) {
    if (!this.isPlaying || run !== this.run) return;
    // A tab that was hidden does not catch up.
    const passed = Math.min(250, time - (this.last ?? time));
    this.last = time;
    this.due += (passed / 1000) * this.rate;
    const steps = Math.floor(this.due);
    if (steps > 0) {
      this.due -= steps;
      this.position = Math.min(this.range[1], this.position + steps);
      await this.show();
      // What comes next is decoded before it is needed.
      this.replay.prepare(Math.min(this.range[1], this.position + Math.ceil(this.rate / 2))).catch(() => {});
    }
    if (this.atEnd) this.pause();
    else requestAnimationFrame((next) => this.tick(next, run));
  }
}
