// What runs out in wall time, told by the server's clock, however this machine's is set.
//   data-until, data-over             the words of an element once its time is over
//   data-shown-until, data-shown-from what stands until a time, and what stands in its place from then on;
//                                     data-say: its words are told to screen readers when it appears
//   data-count, data-now, data-left   a countdown; data-say5, data-say1: told that many minutes before the end
const MINUTES = [5, 1];
let ahead = 0; // milliseconds by which the server's clock is ahead

const now = () => Date.now() + ahead;
const past = (time) => Date.parse(time) <= now();

function tell(words) {
  const live = document.getElementById("live");
  if (live) live.textContent = words;
}

function written(seconds) {
  const two = (n) => String(n).padStart(2, "0");
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

function count(mark) {
  const left = Math.max(0, Math.ceil((Date.parse(mark.dataset.count) - now()) / 1000));
  const words = mark.dataset.left.replace("%s", written(left));
  if (mark.textContent !== words) mark.textContent = words;
  const due = MINUTES.filter((n) => left > 0 && left <= n * 60).pop();
  const told = Number(mark.dataset.uiTold ?? Infinity);
  if (!due || due >= told) return;
  mark.dataset.uiTold = due;
  tell(mark.dataset[`say${due}`]);
}

// what had the focus goes: it moves on to the first thing that can be pressed instead
function hide(gone) {
  const held = gone.contains(document.activeElement);
  gone.hidden = true;
  if (held) document.querySelector("[data-shown-from]:not([hidden]) button")?.focus();
}

function turn() {
  for (const next of document.querySelectorAll("[data-shown-from][hidden]")) {
    if (!past(next.dataset.shownFrom)) continue;
    next.hidden = false;
    if ("say" in next.dataset) tell(next.textContent.trim());
  }
  for (const gone of document.querySelectorAll("[data-shown-until]:not([hidden])"))
    if (past(gone.dataset.shownUntil)) hide(gone);
}

function over() {
  for (const hold of document.querySelectorAll("[data-until]")) {
    if (!past(hold.dataset.until) || hold.dataset.uiTold === hold.dataset.until) continue;
    hold.dataset.uiTold = hold.dataset.until;
    if (hold.dataset.over) hold.textContent = hold.dataset.over;
    hold.dispatchEvent(new CustomEvent("hold:over", { bubbles: true }));
  }
}

function check() {
  for (const mark of document.querySelectorAll("[data-count]")) count(mark);
  turn();
  over();
}

export function start() {
  setInterval(check, 1000);
  addEventListener("pageshow", check);
  document.addEventListener("visibilitychange", check);
}

export function wake(root) {
  const said = root.querySelector("[data-now]:not([data-ui-heard])");
  if (said) {
    said.dataset.uiHeard = "1";
    ahead = Date.parse(said.dataset.now) - Date.now();
  }
  check();
}
