// The page: the controls and the runs.

class Page {
  constructor({ runs, difference }) {
    this.runs = runs.map((run, number) => new Run(run, runs.length > 1 ? "AB"[number] : "", this));
    this.difference = difference;
    this.events = difference && difference.map(({ event }) => event);
    this.player = new Player(this.runs, () => this.show());
    this.violations = new Violations(this.runs, (violation) => this.jump(violation));
    this.align(true);
    this.build();
    if (this.events) this.runs.forEach((run, number) => { run.differs = this.events[number]; });
    listenToKeys({ player: this.player, violations: this.violations, difference: () => this.showDifference() });
    this.player.seek(0);
  }

  build() {
    const step = (direction) => () => this.violations.step(direction, this.player.at);
    this.playing = button("", "play", () => this.player.toggle());
    this.slider = element("input", "slider", { type: "range", step: "1", "aria-label": "moment" });
    this.slider.addEventListener("input", () => this.player.seek(Number(this.slider.value)));
    this.time = element("output", "time");
    const controls = element(
      "div", "controls", { role: "group", "aria-label": "controls" },
      this.playing, this.speeds(),
      button("\u25c0 event", "", () => this.player.step(-1), "previous event"),
      button("event \u25b6", "", () => this.player.step(1), "next event"),
      button("\u25c0 violation", "", step(-1), "previous violation"),
      button("violation \u25b6", "", step(1), "next violation"),
      this.time,
    );
    if (!this.violations.all.length) {
      for (const node of controls.querySelectorAll("[aria-label$=violation]")) node.disabled = true;
    }
    const keys = element("p", "keys", {}, "Space plays, arrows go from event to event, Home and End to the ends, "
      + "N and P to the next and the previous violation" + (this.runs.length > 1 ? ", D to the difference." : "."));
    const top = element("header", "top", {}, controls, this.slider, this.violations.node);
    if (this.runs.length > 1) top.append(this.comparison());
    const runs = element("main", this.runs.length > 1 ? "runs two" : "runs", {}, ...this.runs.map((run) => run.node));
    document.body.append(top, runs, element("footer", "", {}, keys));
  }

  speeds() {
    const select = element("select", "speed", { "aria-label": "speed" });
    for (const speed of SPEEDS) select.append(element("option", "", { value: speed }, `${speed}\u00d7`));
    select.value = String(this.player.speed);
    select.addEventListener("change", () => {
      this.player.speed = Number(select.value);
      this.show();
    });
    return select;
  }

  /** Return the part of the page that shows the first difference of two runs. */
  comparison() {
    if (!this.events) {
      return element("p", "difference", {}, "The runs do not differ in events, actors, steps, computes or instances.");
    }
    const node = element("div", "difference", { role: "group", "aria-label": "first difference" });
    node.append(button("\u2260 First difference", "", () => this.showDifference()));
    this.runs.forEach((run, number) => {
      const event = run.events[this.events[number] - 1];
      const { only } = this.difference[number];
      const text = event ? `${sinceRequest(event.at)} ${event.actor.split("/")[0]}: ${event.text}` : "no such event";
      node.append(element("span", "text", {}, `${run.letter}: ${text}${only && `, only here: ${only}`}`));
    });
    const box = element("input", "", { type: "checkbox", id: "align" });
    box.checked = true;
    box.addEventListener("change", () => {
      this.align(box.checked);
      this.player.seek(this.player.at);
    });
    node.append(element("label", "", { for: "align" }, box, " at one moment"));
    return node;
  }

  /** Let the first difference be at the same moment in both runs, or their requests. */
  align(atDifference) {
    if (this.runs.length < 2) return;
    const [left, right] = this.runs.map((run, number) => run.events[(this.events?.[number] ?? 0) - 1]);
    this.runs[1].shift = atDifference && left && right ? right.at - left.at : 0;
    this.player.measure();
  }

  showDifference() {
    if (!this.events) return;
    this.runs.forEach((run, number) => run.eventsView.select(this.events[number]));
    const place = this.events[0] ? 0 : 1;
    this.seek(this.runs[place], this.runs[place].events[this.events[place] - 1].at);
  }

  /** Show a moment of a run, and stay there. */
  seek(run, at) {
    this.player.pause();
    this.player.seek(at - run.shift);
  }

  /** Show a violation at its moment. */
  jump(violation) {
    this.violations.show(violation);
    if (violation.events.length) violation.run.eventsView.select(violation.events.at(-1));
    this.seek(violation.run, violation.at);
  }

  show() {
    const { player } = this;
    for (const run of this.runs) run.update(player.at, player.flight);
    setText(this.playing, player.isPlaying ? "\u23f8 Pause" : "\u25b6 Play");
    setAttribute(this.slider, "min", String(player.begin));
    setAttribute(this.slider, "max", String(player.end));
    this.slider.value = String(player.at);
    const run = this.runs[0];
    const moment = sinceRequest(player.at);
    setAttribute(this.slider, "aria-valuetext", moment);
    setText(this.time, this.runs.length > 1 ? moment : `${moment} (${timeOfDay(run, player.at)} UTC)`);
  }
}

new Page(JSON.parse(document.getElementById("data").textContent));
