// The keys of the page. They work wherever the focus is, except where an element has a use of its own for them.

const PAGE = 0.05;

/** Let keys control the page. */
function listenToKeys({ player, violations, difference }) {
  const length = player.end - player.begin;
  const keys = {
    " ": () => player.toggle(),
    ArrowLeft: () => player.step(-1),
    ArrowRight: () => player.step(1),
    PageUp: () => player.seek(player.at + PAGE * length),
    PageDown: () => player.seek(player.at - PAGE * length),
    Home: () => player.seek(player.begin),
    End: () => player.seek(player.end),
    n: () => violations.step(1, player.at),
    p: () => violations.step(-1, player.at),
    d: () => difference(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || !Object.hasOwn(keys, event.key)) return;
    if (event.target.matches("select, input[type=checkbox]")) return;
    if (event.key === " " && event.target.matches("button")) return;
    if (event.target.matches(".detail") && ["PageUp", "PageDown", "Home", "End"].includes(event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });
}
