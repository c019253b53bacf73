// The planner's board: arrow keys walk the blocks of a row, so that hundreds of blocks are one stop for Tab.
function siblings(block) {
  return [...block.closest("[data-row]").querySelectorAll("[data-block]")];
}

function move(block, key) {
  const rows = [...document.querySelectorAll("[data-row]")];
  const row = block.closest("[data-row]");
  if (key === "ArrowLeft" || key === "ArrowRight") {
    const all = siblings(block);
    return all[all.indexOf(block) + (key === "ArrowRight" ? 1 : -1)];
  }
  const way = key === "ArrowDown" ? 1 : -1;
  for (let i = rows.indexOf(row) + way; i >= 0 && i < rows.length; i += way) {
    const here = block.getBoundingClientRect().x;
    const near = [...rows[i].querySelectorAll("[data-block]")];
    if (near.length) return near.reduce((a, b) => (Math.abs(a.getBoundingClientRect().x - here) <= Math.abs(b.getBoundingClientRect().x - here) ? a : b));
  }
  return undefined;
}

function oneStop() {
  const blocks = [...document.querySelectorAll("[data-board] [data-block]")];
  const stop = blocks.includes(document.activeElement) ? document.activeElement : blocks[0];
  for (const block of blocks) block.setAttribute("tabindex", block === stop ? "0" : "-1");
}

export function start() {
  oneStop();
  document.addEventListener("htmx:after:swap", oneStop);
  document.addEventListener("keydown", (event) => {
    const block = event.target.closest?.("[data-block]");
    if (!block || !event.key.startsWith("Arrow")) return;
    const next = move(block, event.key);
    if (!next) return;
    event.preventDefault();
    block.setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
    next.scrollIntoView({ block: "nearest", inline: "nearest" });
  });
}
