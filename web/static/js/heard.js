// A stream that falls silent says when it was last heard, instead of pretending to be live.
const SILENT = 45000;
let last = Date.now();
let down = false;

function clock(time) {
  return new Date(time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
}

function show() {
  const stale = down || Date.now() - last > SILENT;
  for (const mark of document.querySelectorAll("[data-heard]")) {
    const words = mark.querySelector("[data-heard-text]");
    if (!words) continue;
    if (stale && !mark.classList.contains("is-stale")) {
      mark.dataset.fresh = words.textContent;
      words.textContent = (document.body.dataset.heardStale ?? "%s").replace("%s", clock(last));
    } else if (!stale && mark.classList.contains("is-stale") && mark.dataset.fresh) words.textContent = mark.dataset.fresh;
    mark.classList.toggle("is-stale", stale);
  }
}

function fresh() {
  last = Date.now();
  down = false;
  show();
}

function silent() {
  down = true;
  show();
}

/** Whether an element holds a live stream; what happens to that is told by the mark alone. */
export function isStream(element) {
  return element instanceof Element && element.hasAttribute("hx-sse:connect");
}

export function start() {
  document.addEventListener("htmx:sse:after:connection", fresh);
  document.addEventListener("htmx:sse:after:message", fresh);
  document.addEventListener("htmx:sse:before:message", (event) => {
    if (event.detail.message.event !== "heartbeat") return;
    event.preventDefault(); // nothing to show, and nothing to look again for
    fresh();
  });
  document.addEventListener("htmx:sse:error", silent);
  // a stream that did not even begin
  for (const name of ["htmx:error", "htmx:response:error"])
    document.addEventListener(name, (event) => {
      if (isStream(event.target)) silent();
    });
  setInterval(show, 5000);
}
