// What is where at a moment. Times are milliseconds; a list of changes is in order of time.

/** Return the index of the last of `changes` at or before `at`; -1 if there is none yet. */
function lastIndex(changes, at) {
  let low = 0;
  let high = changes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (changes[middle][0] <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Return the last of `changes` at or before `at`; undefined if there is none yet. */
function lastChange(changes, at) {
  return changes[lastIndex(changes, at)];
}

/** Return the span [begin, end, ...] that `at` is in. The last moment of a run is in a span that lasts until then. */
function spanAt(spans, at, last) {
  const span = lastChange(spans, at);
  return span && (at < span[1] || (at === last && span[1] === last)) ? span : undefined;
}

/** Return the most spans that are open at one time. */
function mostAtOnce(spans) {
  const changes = spans.flatMap(([begin, end]) => [[begin, 1], [end, -1]]);
  changes.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let open = 0;
  let most = 0;
  for (const [, change] of changes) {
    open += change;
    most = Math.max(most, open);
  }
  return most;
}

/** Return a length of time for a reader. */
function duration(ms) {
  const exact = Math.abs(ms) / 1000;
  if (exact < 59.95) return `${exact.toFixed(exact < 9.995 ? 2 : 1)} s`;
  const seconds = Math.round(exact);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(seconds % 60).padStart(2, "0")} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`;
}

/** Return a moment as the time since the admin's request. */
function sinceRequest(ms) {
  const rounded = Math.round(Math.abs(ms) / 10);
  const two = (number) => String(Math.floor(number)).padStart(2, "0");
  const text = `${two((rounded / 6000) % 60)}:${two((rounded / 100) % 60)}.${two(rounded % 100)}`;
  const hours = Math.floor(rounded / 360000);
  return `${ms < 0 ? "\u2212" : "+"}${hours ? `${hours}:` : ""}${text}`;
}

/** Return a moment of a run as a time of day (UTC). */
function timeOfDay(run, ms) {
  return new Date(Date.parse(run.zero) + ms).toISOString().slice(11, 23);
}

/** Return the part that all names begin with, up to a separator, so that short places show what differs. */
function commonBeginning(names) {
  if (names.length < 2) return "";
  let common = names[0];
  for (const name of names) {
    while (!name.startsWith(common)) common = common.slice(0, -1);
  }
  return common.slice(0, Math.max(common.lastIndexOf("_"), common.lastIndexOf("-")) + 1);
}
