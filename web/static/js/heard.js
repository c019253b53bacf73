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

export function start() {
  document.addEventListener("htmx:sse:after:connection", fresh);
  document.addEventListener("htmx:sse:after:message", fresh);
  document.addEventListener("heartbeat", fresh);
  document.addEventListener("htmx:sse:error", () => {
    down = true;
    show();
  });
  setInterval(show, 5000);
}
