// Sessions, services and faults at a moment, and the open windows with the time that is left.

const MOST_WINDOWS = 5;
/** The rows for windows that there are at least, if there are windows: answered ones stay for a while. */
const LEAST_WINDOWS = 3;

class Status {
  /** @param select is called with the number of the event that shows what was clicked. */
  constructor(run, select) {
    this.run = run;
    this.select = select;
    this.pills = [
      ...run.sessions.map((thing) => this.pill(thing, (at) => this.plain(thing, at))),
      ...run.addresses.map((thing) => this.pill(thing, (at) => this.service(thing, at))),
      ...run.faults.map((thing) => this.pill(thing, (at) => this.plain(thing, at))),
    ];
    this.spans = run.windows.map((window) => [window.from, window.until]);
    const most = mostAtOnce(this.spans);
    const rows = Math.max(Math.min(most, MOST_WINDOWS), Math.min(run.windows.length, LEAST_WINDOWS));
    this.rows = Array.from({ length: rows }, () => this.row());
    this.more = element("p", "more");
    setHidden(this.more, most <= MOST_WINDOWS);
    this.none = element("p", "none", {}, "no window is open");
    this.windows = element("div", "windows", { role: "group", "aria-label": "open windows" }, this.none);
    this.windows.append(...this.rows.map((row) => row.node), this.more);
    this.windows.style.setProperty("--rows", String(Math.max(1, this.rows.length) + (most > MOST_WINDOWS ? 1 : 0)));
    this.node = element("div", "pills", { role: "group", "aria-label": "sessions, services and faults" });
    this.node.append(...this.pills.map((pill) => pill.node));
  }

  pill(thing, state) {
    const pill = { thing, state, seq: 0, word: element("span", "word") };
    pill.node = button("", "pill", () => pill.seq && this.select(pill.seq));
    const name = this.run.ofProject(thing, thing.name);
    pill.node.append(element("span", "name", { title: name }, name), pill.word);
    return pill;
  }

  plain(thing, at) {
    const [, seq, word, tone] = lastChange(thing.states, at) ?? [0, 0, "not yet", "idle"];
    return { seq, word, tone };
  }

  service(address, at) {
    const [, seq, server] = lastChange(address.states, at) ?? [0, 0, -1];
    const outage = spanAt(address.outages, at, this.run.end);
    const total = address.outages.reduce((sum, [begin, end]) => sum + Math.max(0, Math.min(end, at) - begin), 0);
    const now = outage ? at - outage[0] : 0;
    const so = total > now ? `, ${duration(total)} in all so far` : "";
    if (outage) return { seq: outage[2], word: `\u2716 down ${duration(now)}${so}`, tone: "bad" };
    if (address.up === null || at < address.up) return { seq, word: "not up yet", tone: "idle" };
    const where = server < 0 ? "no instance" : this.run.servers[server].name;
    return { seq, word: `up on ${where}${so && `, down${so.slice(1)}`}`, tone: "ok" };
  }

  row() {
    const row = { seq: 0 };
    row.name = element("span", "name");
    row.left = element("span", "left");
    row.bar = element("span", "bar");
    row.node = button("", "window", () => this.select(row.seq));
    row.node.append(row.name, row.left, element("span", "rail", {}, row.bar));
    return row;
  }

  /** Show the moment `at`; a window that was answered stays for `stay` milliseconds of the run. */
  update(at, stay) {
    for (const pill of this.pills) {
      const { seq, word, tone } = pill.state(at);
      pill.seq = seq;
      setText(pill.word, word);
      setClass(pill.node, `pill ${tone}`);
    }
    const open = this.run.windows.filter((window) => this.isOpen(window, at));
    open.sort((a, b) => (a.due ?? Infinity) - (b.due ?? Infinity) || a.event - b.event);
    const answered = this.run.windows.filter(({ replied }) => replied !== null && replied <= at && at < replied + stay);
    const shown = [...open, ...answered.reverse()];
    this.rows.forEach((row, place) => this.updateRow(row, shown[place], at));
    setHidden(this.none, shown.length > 0);
    setText(this.more, open.length > MOST_WINDOWS ? `and ${open.length - MOST_WINDOWS} more open windows` : "");
  }

  isOpen({ from, until, replied }, at) {
    return from <= at && (at < until || (replied === null && at === until));
  }

  updateRow(row, window, at) {
    setHidden(row.node, !window);
    if (!window) return;
    const { due, from, replied } = window;
    const isAnswered = replied !== null && at >= replied;
    const isLate = due !== null && (isAnswered ? replied : at) > due;
    row.seq = window.event;
    setText(row.name, window.about ? `${window.name}: ${window.about}` : window.name);
    setText(row.left, isAnswered ? answer(window) : remaining(window, at));
    setClass(row.node, `window${isAnswered ? " answered" : ""}${isLate ? " late" : ""}`);
    const share = due === null || due <= from ? 0 : Math.max(0, (due - (isAnswered ? replied : at)) / (due - from));
    row.bar.style.width = `${(100 * Math.min(1, share)).toFixed(2)}%`;
  }
}

/** Return how a window was answered, in words. */
function answer({ from, due, replied, answer: word }) {
  const late = due !== null && replied > due ? `, ${duration(replied - due)} too late` : "";
  return `${late ? "\u2716" : "\u2713"} ${word} after ${duration(replied - from)}${late}`;
}

/** Return how much time is left in a window, in words. */
function remaining({ from, due }, at) {
  if (due === null) return "no deadline";
  if (at > due) return `\u2716 no reply, due ${duration(at - due)} ago`;
  return `${duration(due - at)} left of ${duration(due - from)}`;
}
