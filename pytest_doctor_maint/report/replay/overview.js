// The whole run as a strip: messages, maintenance, outages and violations.

class Overview {
  /** @param jump is called with a violation; seek with a moment of the run; select with the number of an event. */
  constructor(run, jump, seek, select) {
    this.run = run;
    this.cursor = element("div", "cursor");
    this.lanes = element("div", "lanes");
    this.marks = element("div", "marks");
    this.node = element("div", "overview", {}, this.lanes, this.marks, this.cursor);
    this.jump = jump;
    this.lanes.addEventListener("click", (event) => {
      const box = this.lanes.getBoundingClientRect();
      seek(this.begin + ((event.clientX - box.left) / box.width) * (this.end - this.begin));
      if (event.target.dataset.seq) select(Number(event.target.dataset.seq));
    });
  }

  /** Lay the strip out from moment `begin` to moment `end` of the run. */
  layOut(begin, end) {
    this.begin = begin;
    this.end = Math.max(end, begin + 1);
    const messages = this.run.events.flatMap(({ at, ends }, index) => (ends ? [[at, at, index + 1]] : []));
    const outages = this.run.addresses.flatMap((address) => address.outages);
    const gaps = this.run.servers.flatMap((server) => server.outages);
    const works = this.run.computes.flatMap((compute) => this.spansOf(compute, "work"));
    this.lanes.replaceChildren(
      ...this.bars("message", messages, "messages"),
      ...this.bars("work", works, "computes in maintenance"),
      ...this.bars("gap", gaps, "instances that are down"),
      ...this.bars("outage", outages, "services that are down"),
    );
    this.marks.replaceChildren(...this.violations());
  }

  spansOf({ states }, tone) {
    return states.flatMap(([at, seq, , own], place) =>
      own === tone ? [[at, states[place + 1]?.[0] ?? this.run.end, seq]] : []);
  }

  left(at) {
    return (100 * (at - this.begin)) / (this.end - this.begin);
  }

  /** Return a bar for each of `spans`; those that would look the same are one bar. */
  bars(className, spans, title) {
    const seen = new Map();
    for (const [begin, end, seq] of spans) {
      const left = Math.round(this.left(begin) * 10) / 10;
      const [width, first] = seen.get(left) ?? [0, seq];
      seen.set(left, [Math.max(width, this.left(end) - left), first]);
    }
    return [...seen].map(([left, [width, seq]]) => {
      const bar = element("div", className, { title, "data-seq": seq });
      bar.style.left = `${left}%`;
      bar.style.width = `${Math.max(width, 0).toFixed(3)}%`;
      return bar;
    });
  }

  violations() {
    const seen = new Set();
    const marks = [];
    for (const violation of this.run.violations) {
      const left = Math.round(this.left(violation.at) * 5) / 5;
      if (seen.has(left)) continue;
      seen.add(left);
      const label = `violation of ${violation.claim} at ${sinceRequest(violation.at)}`;
      const mark = button("\u25b2", "mark", () => this.jump(violation), label);
      mark.title = label;
      mark.style.left = `${left}%`;
      marks.push(mark);
    }
    return marks;
  }

  /** Show the moment `at`. */
  update(at) {
    this.cursor.style.left = `${Math.min(100, Math.max(0, this.left(at)))}%`;
  }
}
