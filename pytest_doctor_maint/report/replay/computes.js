// The computes with their instances at a moment.

/** The longest name of a compute that is shown whole, if the names of all computes begin in the same way. */
const LONGEST_HOST = 14;

class Computes {
  /** @param select is called with the number of the event that shows what was clicked. */
  constructor(run, select) {
    this.run = run;
    this.select = select;
    this.short = commonBeginning([...new Set(run.servers.map((server) => server.name))]);
    this.prefix = commonBeginning(run.computes.map((compute) => compute.name));
    this.cards = run.computes.map((compute) => this.card(compute));
    this.chips = run.servers.map((server) => this.chip(server, false));
    this.ghosts = new Map();
    const size = run.computes.length > 24 ? "many" : run.computes.length > 8 ? "some" : "few";
    this.node = element("div", `computes ${size}`, { role: "group", "aria-label": "computes" });
    this.node.append(...this.cards.map((card) => card.node));
  }

  card(compute) {
    const card = { compute, seq: 0 };
    const open = () => card.seq && this.select(card.seq);
    card.word = element("span", "word");
    card.head = button("", "head", open);
    const isLong = compute.name.length > LONGEST_HOST;
    const prefix = element("span", isLong ? "prefix long" : "prefix", {}, this.prefix);
    const name = element("span", "name", { title: compute.name }, prefix, compute.name.slice(this.prefix.length));
    card.head.append(name, card.word);
    card.body = element("div", "body");
    card.node = element("section", "compute", { "aria-label": compute.name }, card.head, card.body);
    return card;
  }

  chip(server, isGhost) {
    const chip = { seq: 0, place: -1 };
    const name = this.run.ofProject(server, server.name.slice(this.short.length) || server.name);
    chip.badge = element("span", "badge");
    chip.sign = element("span", "sign");
    chip.word = element("span", "word");
    chip.node = button("", isGhost ? "chip ghost" : "chip", () => chip.seq && this.select(chip.seq));
    chip.node.append(chip.badge, element("span", "name", {}, name), chip.sign, chip.word);
    return chip;
  }

  /** Show the moment `at`. */
  update(at) {
    for (const card of this.cards) this.updateCard(card, at);
    const act = new Set(this.run.addresses.map((address) => lastChange(address.states, at)?.[2]));
    this.run.servers.forEach((server, number) => this.updateServer(server, number, at, act.has(number)));
  }

  updateCard(card, at) {
    const [, seq, word, tone] = lastChange(card.compute.states, at) ?? [0, 0, "unknown", "idle"];
    card.seq = seq;
    setText(card.word, word);
    setClass(card.node, `compute ${tone}${this.run.subjects.has(card.compute.name) ? " subject" : ""}`);
  }

  updateServer(server, number, at, isAct) {
    const chip = this.chips[number];
    const [, seq, places, word] = lastChange(server.states, at) ?? [0, 0, [], ""];
    this.put(chip, places.length ? places[0] : -1);
    this.updateGhost(server, number, seq, places[1]);
    if (!places.length) return;
    const outage = spanAt(server.outages, at, this.run.end);
    const [sign, note] = this.note(word, places, outage, at);
    const role = isAct ? "ACT" : server.redundant && this.run.addresses.length ? "STBY" : "";
    chip.seq = outage && outage[2] > seq ? outage[2] : seq;
    setText(chip.badge, role);
    setText(chip.sign, sign);
    setText(chip.word, note);
    const tone = outage ? "down" : word === "ACTIVE" && places.length < 2 ? "up" : "busy";
    const isSubject = this.run.subjects.has(server.name);
    setClass(chip.node, `chip ${tone}${isAct ? " act" : ""}${isSubject ? " subject" : ""}`);
    const label = [role, this.run.ofProject(server, server.name), word, outage ? `${outage[3]}, ${duration(at - outage[0])}` : ""];
    setAttribute(chip.node, "aria-label", label.filter(Boolean).join(", "));
    setAttribute(chip.node, "title", label.filter(Boolean).join(", "));
  }

  /** Return what is the matter with a server: as a sign, and in words. */
  note(word, places, outage, at) {
    if (outage) return ["\u2716", `down ${duration(at - outage[0])}`];
    if (places.length > 1) return ["\u21c4", "moves"];
    return word === "ACTIVE" ? ["", ""] : ["\u2022", word];
  }

  /** Show that a server takes room on a second compute. */
  updateGhost(server, number, seq, place) {
    if (place === undefined && !this.ghosts.has(number)) return;
    if (!this.ghosts.has(number)) this.ghosts.set(number, this.chip(server, true));
    const ghost = this.ghosts.get(number);
    ghost.seq = seq;
    setAttribute(ghost.node, "aria-label", `room for ${server.name}`);
    setText(ghost.sign, "\u21e0");
    setText(ghost.word, "room");
    this.put(ghost, place ?? -1);
  }

  /** Put a chip on a compute. A chip that is moved keeps the focus. */
  put(chip, place) {
    if (chip.place === place) return;
    chip.place = place;
    const hasFocus = document.activeElement === chip.node;
    if (place < 0) chip.node.remove();
    else this.cards[place].body.append(chip.node);
    if (hasFocus && place >= 0) chip.node.focus();
  }
}
