// Fewer and more: steps a number field within its limits and tells the form.
function step(box, by) {
  const input = box.querySelector("input");
  const next = (Number(input.value) || 0) + by;
  const low = input.min === "" ? -Infinity : Number(input.min);
  const high = input.max === "" ? Infinity : Number(input.max);
  input.value = Math.min(Math.max(next, low), high);
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

export function start() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-qty] [data-by]");
    if (button) step(button.closest("[data-qty]"), Number(button.dataset.by));
  });
}
