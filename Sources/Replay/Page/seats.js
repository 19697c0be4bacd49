import { actionWords } from "./actions.js";
import { byID, element, prepareCanvas, setText } from "./dom.js";
import { drawMark } from "./faults.js";
import { duration, number, signed } from "./format.js";

/** The panel of one seat. */
class SeatPanel {
  constructor(seat, total) {
    this.seat = seat;
    this.name = element("bdi", { class: "agent" });
    this.score = element("p", { class: "score" });
    this.values = {};
    const list = element("dl");
    for (const [key, label] of [
      ["action", "Action"],
      ["reward", "Reward"],
      ["think", "Think"],
      ["faults", "Faults"],
    ]) {
      this.values[key] = element("dd");
      list.append(element("div", {}, element("dt", {}, label), this.values[key]));
    }
    this.mark = element("canvas", { class: "mark", "aria-hidden": "true" });
    this.faultName = element("strong");
    this.faultText = element("p", { class: "message" });
    this.fault = element("div", { class: "fault", hidden: "" }, element("p", {}, this.mark, this.faultName), this.faultText);
    this.noteText = element("bdi");
    this.note = element("p", { class: "note", hidden: "" }, element("span", { class: "visually-hidden" }, "Note: "), this.noteText);
    this.badge = element("span", { class: "badge", hidden: "" }, "forfeited");
    const side = total === 2 ? ["left", "right"][seat] : null;
    this.root = element(
      "section",
      { class: "seat", "data-seat": seat % 6, "data-side": side, "aria-label": `Seat ${seat + 1}`, tabindex: "0" },
      element(
        "header",
        {},
        element("span", { class: "swatch", "data-seat": seat % 6, "aria-hidden": "true" }),
        element("span", { class: "place" }, `Seat ${seat + 1}`),
        this.badge,
      ),
      element("h2", {}, this.name),
      this.score,
      list,
      this.fault,
      this.note,
    );
  }

  show(frame, replay, colours) {
    const seat = frame.seats[this.seat];
    this.root.hidden = !seat;
    if (!seat) return;
    setText(this.name, replay.agent(frame.game, this.seat));
    setText(this.score, number(seat.score));
    setText(this.values.action, frame.isStart ? "–" : actionWords(seat, replay));
    setText(this.values.reward, frame.isStart ? "–" : signed(seat.reward));
    setText(this.values.think, seat.acted ? duration(seat.thinkTime) : "–");
    this.values.reward.dataset.sign = Math.sign(seat.reward) || 0;
    this.root.classList.toggle("idle", !seat.acted && !frame.isStart);
    this.badge.hidden = !seat.forfeited;
    this.note.hidden = seat.note === "";
    setText(this.noteText, seat.note);
    this.showFault(frame, seat, replay, colours);
  }

  /** The fault of this frame, or else the last one before it, so that one which passed by can still be read. */
  showFault(frame, seat, replay, colours) {
    const { count, kind, position } = replay.faultsUntil(frame.position, frame.game, this.seat);
    setText(this.values.faults, number(count));
    this.fault.hidden = !kind;
    if (!kind) return;
    const isNow = position === frame.position;
    this.fault.classList.toggle("now", isNow);
    setText(this.faultName, isNow ? kind.words : `${kind.words}, step ${number(replay.stepAt(position))}`);
    const from = isNow ? seat : replay.isReady(position) ? replay.frame(position).seats[this.seat] : null;
    const stall = from?.platformStall ? "The platform itself had stalled. " : "";
    setText(this.faultText, stall + (from?.faultMessage ?? ""));
    const { context } = prepareCanvas(this.mark);
    drawMark(context, kind.shape, 7, 7, 11, colours.get(isNow ? "fault" : "muted"));
  }
}

/** The panels of all seats. */
export class Seats {
  constructor(replay, colours) {
    this.replay = replay;
    this.colours = colours;
    this.panels = Array.from({ length: replay.seats }, (_, seat) => new SeatPanel(seat, replay.seats));
    byID("arena").dataset.seats = replay.seats === 2 ? "two" : replay.seats === 1 ? "one" : "many";
    byID("seats").replaceChildren(...this.panels.map((panel) => panel.root));
  }

  show(frame) {
    for (const panel of this.panels) panel.show(frame, this.replay, this.colours);
  }

  /** Who did what, in a sentence. */
  describe(frame) {
    if (frame.isStart) return "The game begins.";
    return frame.seats
      .map((seat, i) => {
        const name = this.replay.agent(frame.game, i);
        const fault = seat.fault ? `, fault: ${seat.fault.words}${seat.faultMessage ? ` (${seat.faultMessage})` : ""}` : "";
        return `${name}: ${seat.acted ? actionWords(seat, this.replay) : "not asked"}, score ${number(seat.score)}${fault}.`;
      })
      .join(" ");
  }
}
