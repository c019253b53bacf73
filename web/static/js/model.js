// Writing a model: a place of the check opens its line, and nobody leaves with unsaved text by mistake.
function show(file, line) {
  const fold = document.getElementById(`file-${file}`);
  const field = document.getElementById(`t-${file}`);
  if (!fold || !field) return false;
  fold.open = true;
  const before = field.value.split("\n").slice(0, Math.max(0, line - 1));
  const start = before.reduce((sum, text) => sum + text.length + 1, 0);
  const end = field.value.indexOf("\n", start);
  field.focus();
  field.setSelectionRange(start, end < 0 ? field.value.length : end);
  const height = parseFloat(getComputedStyle(field).lineHeight) || 20;
  field.scrollTop = Math.max(0, (line - 4) * height);
  field.scrollIntoView({ block: "center" });
  return true;
}

export function start() {
  const form = document.querySelector("[data-model]");
  let unsaved = Boolean(document.querySelector("[role=alert]"));
  form.addEventListener("input", (event) => {
    if (event.target.matches(".source")) unsaved = true;
  });
  let leaving = false;
  form.addEventListener("submit", () => {
    unsaved = false;
    leaving = true; // a check under way would meet a draft that is released by then
    form.dispatchEvent(new CustomEvent("htmx:abort"));
  });
  form.addEventListener("htmx:before:request", (event) => {
    if (leaving) event.preventDefault();
  });
  addEventListener("pageshow", () => {
    leaving = false; // back again
  });
  addEventListener("beforeunload", (event) => {
    if (unsaved) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const place = event.target.closest?.("[data-file]");
    if (place && show(place.dataset.file, Number(place.dataset.line))) event.preventDefault();
  });
}
