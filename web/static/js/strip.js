// The strip of simulated time goes on with a page that nobody reloads.
export function wake() {
  const strip = document.querySelector(".clockbar b");
  const said = document.querySelector("[data-clock]")?.dataset.clock;
  if (strip && said) strip.textContent = said;
}
