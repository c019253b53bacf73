// Forms: busy words after 300 ms, the server's ticks after a morph, and "open this" links.
import { isStream } from "./heard.js";

const WAIT = 300;

function busy(form, submitter) {
  const button = submitter ?? form.querySelector("[data-busy]");
  if (!button?.dataset.busy) return;
  const width = button.offsetWidth;
  const timer = setTimeout(() => {
    button.style.minWidth = `${width}px`;
    button.classList.add("is-busy");
    button.setAttribute("aria-busy", "true");
  }, WAIT);
  // back by the browser's arrow, or answered in place: the button is itself again
  const rest = () => {
    clearTimeout(timer);
    button.classList.remove("is-busy");
    button.removeAttribute("aria-busy");
  };
  addEventListener("pageshow", rest, { once: true });
  form.addEventListener("htmx:finally:request", rest, { once: true });
}

const spot = () => document.getElementById("problem");

export function start() {
  document.addEventListener("submit", (event) => busy(event.target, event.submitter));
  document.addEventListener("click", (event) => {
    const locked = event.target.closest?.('button[aria-disabled="true"]');
    if (locked) {
      event.preventDefault(); // and show why
      document.getElementById("conflicts")?.scrollIntoView({ block: "center" });
    }
    const clear = event.target.closest?.("[data-clear]");
    if (clear) document.getElementById(clear.dataset.clear)?.replaceChildren();
    const opener = event.target.closest?.("[data-open]");
    if (opener) {
      event.preventDefault();
      document.getElementById(opener.dataset.open)?.toggleAttribute("data-ui-open");
    }
  });
  document.addEventListener("htmx:before:request", (event) => {
    if (!isStream(event.target)) spot()?.replaceChildren();
  });
  // no answer at all: say so where every problem stands, and say what is safe
  document.addEventListener("htmx:error", (event) => {
    if (!event.detail?.ctx?.request || event.detail.ctx.response || isStream(event.target) || !spot()) return;
    const note = document.createElement("div");
    note.className = "note note-late";
    note.setAttribute("role", "alert");
    note.textContent = document.body.dataset.unreachable ?? "";
    spot().replaceChildren(note);
  });
  // a morph copies the attribute, not the tick the person set; what the server says counts
  document.addEventListener("htmx:after:swap", (event) => {
    const root = event.target instanceof Element ? event.target : document;
    for (const input of root.querySelectorAll("input[type=radio],input[type=checkbox]"))
      if (input.checked !== input.defaultChecked && !input.matches("[data-own]")) input.checked = input.defaultChecked;
  });
}
