// The newest messages as arrows between actors, each flying from its source to its target.

const MOST_ARROWS = 6;
const ARROW_HEIGHT = 19;
const HEAD_HEIGHT = 34;

class Arrows {
  /** @param select is called with the number of the event that was clicked. */
  constructor(run, width, select) {
    this.run = run;
    this.messages = run.events
      .map((event, index) => [event.at, index + 1, event])
      .filter(([, , event]) => event.ends)
      .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const height = HEAD_HEIGHT + MOST_ARROWS * ARROW_HEIGHT + 6;
    this.node = drawing("svg", { class: "arrows", viewBox: `0 0 ${width} ${height}`, role: "group" });
    this.node.setAttribute("aria-label", "the newest messages");
    this.words = width * (run.actors.length > 1 ? 0.52 : 0.1);
    run.actors.forEach((actor, number) => this.head(actor, number, height));
    this.rows = Array.from({ length: MOST_ARROWS }, (_, place) => this.row(place, width, select));
  }

  x(actor) {
    const step = this.words / Math.max(this.run.actors.length, 1);
    return step * (actor + 0.5);
  }

  head(actor, number, height) {
    const x = this.x(number);
    const y = number % 2 ? 26 : 13;
    this.node.append(
      drawing("line", { class: "life", x1: x, x2: x, y1: y + 4, y2: height }),
      drawing("text", { class: "actor", x, y, "text-anchor": "middle" }, actor.replaceAll("_", " ")),
    );
  }

  row(place, width, select) {
    const y = HEAD_HEIGHT + place * ARROW_HEIGHT + ARROW_HEIGHT / 2;
    const row = {
      y,
      seq: 0,
      back: drawing("rect", { class: "back", x: 1, y: y - 9, width: width - 2, height: ARROW_HEIGHT - 1, rx: 3 }),
      line: drawing("line", { class: "line", y1: y, y2: y }),
      tip: drawing("path", { class: "tip" }),
      dot: drawing("circle", { class: "dot", cy: y, r: 5 }),
      text: drawing("text", { class: "words", x: this.words + 4, y: y + 4 }),
    };
    row.node = drawing("g", {}, row.back, row.line, row.tip, row.dot, row.text);
    row.letters = Math.floor((width - this.words) / 7.2) - 9;
    actsAsButton(row.node, () => select(row.seq));
    this.node.append(row.node);
    return row;
  }

  /** Show the moment `at`; a message flies for `flight` milliseconds of the run. */
  update(at, flight) {
    const last = lastIndex(this.messages, at);
    this.rows.forEach((row, place) => {
      const message = this.messages[last - MOST_ARROWS + 1 + place + Math.max(0, MOST_ARROWS - 1 - last)];
      const isShown = message !== undefined && message[0] <= at;
      row.node.style.display = isShown ? "" : "none";
      if (isShown) this.show(row, message, Math.min(1, (at - message[0]) / flight));
    });
  }

  show(row, [at, seq, event], progress) {
    const from = this.x(event.ends[0]);
    const to = this.x(event.ends[1]);
    if (row.seq !== seq) {
      row.seq = seq;
      row.line.setAttribute("x1", from);
      row.line.setAttribute("x2", to);
      const back = to > from ? -7 : 7;
      row.tip.setAttribute("d", `M${to},${row.y} l${back},-4 v8 z`);
      const text = event.text.length > row.letters ? `${event.text.slice(0, row.letters - 1)}\u2026` : event.text;
      setText(row.text, `${sinceRequest(at)}  ${text}`);
      row.node.setAttribute("aria-label", `${sinceRequest(at)} ${event.text}`);
    }
    row.dot.setAttribute("cx", from + (to - from) * progress);
    const state = progress < 1 ? "flying" : "landed";
    setClass(row.node, `${state}${this.run.evidence.has(seq) ? " evidence" : ""}`);
  }
}
