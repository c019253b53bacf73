// A hold runs out in wall time: data-until (ISO 8601), data-over (the words once it has).
function check() {
  for (const hold of document.querySelectorAll("[data-until]")) {
    if (Date.parse(hold.dataset.until) > Date.now() || hold.dataset.uiTold === hold.dataset.until) continue;
    hold.dataset.uiTold = hold.dataset.until;
    if (hold.dataset.over) hold.textContent = hold.dataset.over;
    hold.dispatchEvent(new CustomEvent("hold:over", { bubbles: true }));
  }
}

export function start() {
  setInterval(check, 1000);
}

export const wake = check;
