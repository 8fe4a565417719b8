// One run on the page.

class Run {
  /**
   * @param data the run, as Python has written it.
   * @param letter the name of the run next to another one; empty if it is alone.
   * @param page what a run asks for: seek(run, at), jump(violation).
   */
  constructor(data, letter, page) {
    Object.assign(this, data);
    this.letter = letter;
    this.page = page;
    this.shift = 0;
    this.evidence = new Set();
    this.subjects = new Set();
    this.differs = 0;
    this.effects = effectsOf(data.events);
    this.hasProjects = new Set(this.servers.map((server) => server.project)).size > 1;
    for (const violation of this.violations) violation.run = this;
    const select = (seq) => this.select(seq);
    this.eventsView = new Events(this, (seq) => this.open(seq));
    this.status = new Status(this, select);
    this.computesView = new Computes(this, select);
    this.arrows = new Arrows(this, letter ? 580 : 1160, select);
    const seek = (at) => page.seek(this, at);
    this.overview = new Overview(this, (violation) => page.jump(violation), seek, select);
    this.node = element("section", "run", { "aria-label": letter ? `run ${letter}` : "run" });
    this.node.append(this.heading(), this.overview.node, this.status.node, this.status.windows);
    this.node.append(this.arrows.node, this.computesView.node, this.eventsView.node);
  }

  /** Return the name of a server or an address; with that of its project, if the run has several projects. */
  ofProject(thing, name) {
    return this.hasProjects && thing.project ? `${thing.project}: ${name}` : name;
  }

  heading() {
    const title = element("h2", "", {}, this.letter ? `${this.letter}: ${this.title}` : this.title);
    const head = element("header", "about", {}, title, element("p", "parts", {}, this.parts));
    const outcomes = element("p", "outcomes");
    for (const [outcome, count] of Object.entries(this.outcomes)) {
      outcomes.append(element("span", `outcome ${outcome.replaceAll(" ", "-")}`, {}, `${count} ${outcome}`));
    }
    if (this.leftOut) outcomes.append(`the last ${this.leftOut} events are left out`);
    head.append(outcomes);
    return head;
  }

  /** Show all about an event. */
  select(seq) {
    this.eventsView.select(seq);
    this.eventsView.update(this.at);
  }

  /** Show all about an event, and the moment when it happened. */
  open(seq) {
    const event = this.events[seq - 1];
    if (!event) return;
    this.eventsView.select(seq);
    this.page.seek(this, event.at);
  }

  /** Mark the events that show a violation, and what it is about; nothing without a violation. */
  mark(violation) {
    this.evidence = new Set(violation ? violation.events : []);
    this.subjects = new Set(violation ? [violation.subject] : []);
  }

  /** Show the moment `at` of the page; a message flies for `flight` milliseconds of the run. */
  update(at, flight) {
    this.at = Math.min(this.end, Math.max(this.begin, at + this.shift));
    this.overview.update(this.at);
    this.status.update(this.at, flight);
    this.arrows.update(this.at, flight);
    this.computesView.update(this.at);
    this.eventsView.update(this.at);
  }
}

/** Return the numbers of the events that each event led to, by its number. */
function effectsOf(events) {
  const effects = new Map();
  events.forEach(({ cause }, index) => {
    if (!cause) return;
    if (!effects.has(cause)) effects.set(cause, []);
    effects.get(cause).push(index + 1);
  });
  return effects;
}
