// The violations of all runs, one after the other.

class Violations {
  /** @param jump is called with a violation that is to be shown. */
  constructor(runs, jump) {
    this.jump = jump;
    this.all = runs.flatMap((run) => run.violations);
    this.runs = runs;
    this.current = null;
    this.node = element("div", "violation", { role: "status", "aria-live": "polite" });
    setHidden(this.node, true);
  }

  /** Go to the first violation after a moment of the page, or to the last one before it. */
  step(direction, at) {
    const sorted = [...this.all].sort((a, b) => this.when(a) - this.when(b));
    if (!sorted.length) return;
    const place = sorted.indexOf(this.current);
    if (place >= 0 && this.when(this.current) === at) {
      this.jump(sorted[(place + direction + sorted.length) % sorted.length]);
      return;
    }
    const found = direction > 0
      ? sorted.find((violation) => this.when(violation) >= at)
      : sorted.findLast((violation) => this.when(violation) <= at);
    this.jump(found ?? sorted.at(direction > 0 ? 0 : -1));
  }

  /** Return the moment of the page at which a violation happened. */
  when(violation) {
    return violation.at - violation.run.shift;
  }

  /** Show a violation. */
  show(violation) {
    this.current = violation;
    for (const run of this.runs) run.mark(violation.run === run ? violation : null);
    const { run, claim, text, events } = violation;
    const number = [...this.all].sort((a, b) => this.when(a) - this.when(b)).indexOf(violation) + 1;
    const evidence = element("span", "evidence", {}, "Events: ");
    for (const seq of events) evidence.append(button(String(seq), "link", () => run.open(seq), `event ${seq}`), " ");
    const where = run.letter ? ` in run ${run.letter}` : "";
    this.node.replaceChildren(
      element("strong", "", {}, `Violation ${number} of ${this.all.length}${where}: ${claim}`),
      element("span", "text", {}, text),
      evidence,
    );
    setHidden(this.node, false);
  }
}
