// Keys: Escape closes a menu, a locked option points at its reason, arrows walk a row of blocks.
function explain(locked) {
  const reason = document.getElementById(locked.getAttribute("aria-describedby") ?? "");
  const way = reason?.querySelector("button,a");
  if (way) way.focus();
  const live = document.getElementById("live");
  if (live && reason) live.textContent = reason.textContent.trim();
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (menu !== except) menu.open = false;
}

export function start() {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const menu = document.querySelector("details.menu[open]");
      closeMenus();
      menu?.querySelector("summary")?.focus();
    }
    const locked = event.target.closest?.('[role=radio][aria-disabled="true"]');
    if (locked && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      explain(locked);
    }
  });
  document.addEventListener("click", (event) => {
    closeMenus(event.target.closest?.("details.menu"));
    const locked = event.target.closest?.('[role=radio][aria-disabled="true"]');
    if (locked) explain(locked);
  });
}
