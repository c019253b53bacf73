// Light, dark, or as the device: kept in a cookie so that the server paints the first frame right.
const YEAR = 60 * 60 * 24 * 365;

function set(value) {
  const root = document.documentElement;
  if (value) root.dataset.theme = value;
  else delete root.dataset.theme;
  document.cookie = `theme=${value}; path=/; max-age=${value ? YEAR : 0}; samesite=lax`;
  mark();
}

function mark() {
  const now = document.documentElement.dataset.theme ?? "";
  for (const button of document.querySelectorAll("[data-theme-set]"))
    button.setAttribute("aria-pressed", String(button.dataset.themeSet === now));
}

export function start() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-theme-set]");
    if (button) set(button.dataset.themeSet);
  });
}

export const wake = mark;
