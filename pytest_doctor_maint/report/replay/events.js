// The events around a moment, and all about one of them.

const ROWS = 14;
/** The rows where there is little room: two runs on many computes. */
const FEW_ROWS = 8;
const ROWS_AFTER = 3;
const MOST_EFFECTS = 12;
const LONGEST_CHAIN = 100;

class Events {
  /** @param open is called with the number of an event that is to be shown at its moment. */
  constructor(run, open) {
    this.run = run;
    this.open = open;
    this.inTime = run.events.map(({ at }, index) => [at, index + 1]).sort((a, b) => a[0] - b[0] || a[1] - b[1]);
    const count = run.letter && run.computes.length > 24 ? FEW_ROWS : ROWS;
    this.rows = Array.from({ length: count }, () => this.row());
    this.list = element("div", "log", { role: "group", "aria-label": "events around the moment" });
    this.list.append(element("h3", "", {}, "Events"), ...this.rows.map((row) => row.node));
    this.detail = element("div", "detail", { role: "region", "aria-label": "selected event", tabindex: "0" });
    this.detail.append(element("h3", "", {}, "Event"), element("p", "none", {}, "Select anything to see its event."));
    this.node = element("div", "events", {}, this.list, this.detail);
    this.selected = 0;
  }

  row() {
    const row = { seq: 0 };
    row.node = button("", "row", () => this.open(row.seq));
    row.time = element("span", "time");
    row.actor = element("span", "who");
    row.text = element("span", "text");
    row.node.append(row.time, row.actor, row.text);
    return row;
  }

  /** Show the moment `at`. */
  update(at) {
    const first = Math.max(0, lastIndex(this.inTime, at) + 1 + ROWS_AFTER - this.rows.length);
    this.rows.forEach((row, place) => {
      const found = this.inTime[first + place];
      setHidden(row.node, !found);
      if (found) this.updateRow(row, found[1], found[0] > at);
    });
  }

  updateRow(row, seq, isLater) {
    const event = this.run.events[seq - 1];
    row.seq = seq;
    const mark = this.run.evidence.has(seq) ? "\u25b6 " : this.run.differs === seq ? "\u2260 " : "";
    setText(row.time, `${mark}${sinceRequest(event.at)}`);
    setText(row.actor, event.actor.split("/")[0]);
    setText(row.text, event.text);
    const classes = ["row"];
    if (isLater) classes.push("later");
    if (this.run.evidence.has(seq)) classes.push("evidence");
    if (this.run.differs === seq) classes.push("differs");
    if (this.selected === seq) classes.push("selected");
    setClass(row.node, classes.join(" "));
    setAttribute(row.node, "aria-current", String(this.selected === seq));
  }

  /** Show all about an event. */
  select(seq) {
    const event = this.run.events[seq - 1];
    if (!event) return;
    this.selected = seq;
    const facts = element("dl", "facts");
    for (const [name, value] of [
      ["time", `${sinceRequest(event.at)} (${timeOfDay(this.run, event.at)} UTC)`],
      ["actor", event.actor],
      ["kind", `${event.kind}: ${this.run.kinds[event.kind]}`],
    ]) {
      facts.append(element("dt", "", {}, name), element("dd", "", {}, value));
    }
    this.detail.replaceChildren(
      element("h3", "", {}, `Event ${seq}: ${event.text}`),
      facts,
      element("h4", "", {}, "Because of"),
      this.chain(event),
      ...this.effects(seq),
      element("h4", "", {}, "Data"),
      element("pre", "data", {}, JSON.stringify(event.data, null, 2)),
    );
    this.detail.scrollTop = 0;
  }

  /** Return the chain of causes of an event, from the newest to the request of the admin. */
  chain(event) {
    const list = element("ol", "chain");
    let newest = event;
    while (newest.cause && list.childElementCount < LONGEST_CHAIN) {
      list.append(this.link(newest.cause, newest.recorded ? "" : " (derived)"));
      newest = this.run.events[newest.cause - 1] ?? { cause: null };
    }
    if (newest.kind === "session.created") list.append(element("li", "request", {}, "the request of the admin"));
    else list.append(element("li", "none", {}, "no cause is known"));
    return list;
  }

  effects(seq) {
    const found = this.run.effects.get(seq) ?? [];
    if (!found.length) return [];
    const list = element("ul", "chain");
    for (const effect of found.slice(0, MOST_EFFECTS)) list.append(this.link(effect, ""));
    const more = found.length - MOST_EFFECTS;
    if (more > 0) list.append(element("li", "none", {}, `and ${more} more`));
    return [element("h4", "", {}, "Led to"), list];
  }

  link(seq, note) {
    const event = this.run.events[seq - 1];
    if (!event) return element("li", "none", {}, `event ${seq}, which is left out`);
    const text = `${sinceRequest(event.at)} ${event.actor.split("/")[0]}: ${event.text}`;
    return element("li", "", {}, button(text, "link", () => this.open(seq)), note);
  }
}
