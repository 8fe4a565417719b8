// The moment that is shown, and how it goes on.

const SPEEDS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
/** Seconds in which a whole run is played at first, about. */
const FIRST_LENGTH = 40;
/** Milliseconds on the screen for which a message flies. */
const FLIGHT = 900;

class Player {
  /** @param show is called for each moment to be shown. */
  constructor(runs, show) {
    this.runs = runs;
    this.show = show;
    this.at = 0;
    this.isPlaying = false;
    this.measure();
    const wanted = (this.end - Math.max(this.begin, 0)) / 1000 / FIRST_LENGTH;
    this.speed = SPEEDS.find((speed) => speed >= wanted) ?? SPEEDS.at(-1);
  }

  /** Take the first and the last moment of all runs. */
  measure() {
    this.begin = Math.min(...this.runs.map((run) => run.begin - run.shift));
    this.end = Math.max(...this.runs.map((run) => run.end - run.shift));
    const times = new Set(this.runs.flatMap((run) => run.events.map((event) => event.at - run.shift)));
    this.moments = [...times].sort((a, b) => a - b).map((at) => [at]);
    for (const run of this.runs) run.overview.layOut(this.begin + run.shift, this.end + run.shift);
  }

  /** The milliseconds of the run for which a message flies. */
  get flight() {
    return FLIGHT * this.speed;
  }

  seek(at) {
    this.at = Math.min(this.end, Math.max(this.begin, at));
    this.show();
  }

  /** Go to the next moment in which something happened, or to the one before. */
  step(direction) {
    this.pause();
    const last = lastIndex(this.moments, this.at);
    const isBetween = last >= 0 && this.moments[last][0] < this.at;
    const place = direction > 0 ? last + 1 : isBetween ? last : last - 1;
    const moment = this.moments[Math.min(this.moments.length - 1, Math.max(0, place))];
    this.seek(moment[0]);
  }

  toggle() {
    if (this.isPlaying) this.pause();
    else this.play();
  }

  play() {
    if (this.at >= this.end) this.at = this.begin;
    this.isPlaying = true;
    let before = performance.now();
    const frame = (now) => {
      if (!this.isPlaying) return;
      const at = this.at + Math.max(0, now - before) * this.speed;
      before = now;
      if (at >= this.end) this.isPlaying = false;
      this.seek(at);
      if (this.isPlaying) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    this.show();
  }

  pause() {
    if (!this.isPlaying) return;
    this.isPlaying = false;
    this.show();
  }
}
