// Zoom, a word under the pointer, and the places of one job. DATA: see page.py.
const DATA = JSON.parse(document.getElementById("runs").textContent);
const board = document.querySelector(".board"), tip = document.getElementById("tip");
const DAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
let picked = -1;

const rows = () => board.querySelector(".rows:not([hidden])");
const width = svg => svg.width.baseVal.value;
const unit = svg => width(svg) / (DATA.end - DATA.start);
const two = number => String(number).padStart(2, "0");

function moment(minute) {
  if (DATA.zero === null) return "minute " + minute.toLocaleString("en");
  const at = new Date((DATA.zero + minute) * 60000);
  return `${DAYS[at.getUTCDay()]} ${at.getUTCDate()} ${MONTHS[at.getUTCMonth()]} ` +
    `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}`;
}

function span(minutes) {
  if (minutes < 60) return minutes + " min";
  const day = minutes >= 1440, size = day ? 1440 : 60;
  const rest = day ? Math.floor(minutes % 1440 / 60) : minutes % 60;
  return Math.floor(minutes / size) + (day ? " d" : " h") + (rest ? ` ${rest} ${day ? "h" : "min"}` : "");
}

// The runs under the pointer, nearest first: [start, end, operation, job number].
function under(event) {
  const svg = rows(), box = svg.getBoundingClientRect(), y = event.clientY - box.top;
  const minute = DATA.start + (event.clientX - box.left) / unit(svg), near = 2 / unit(svg);
  const row = DATA.tops.findIndex((top, i) => y >= top && y < DATA.tops[i + 1]);
  const runs = DATA.runs[row] || [], found = [];
  for (let i = 0; i < runs.length; i += 4)
    if (runs[i] <= minute + near && runs[i + 1] >= minute - near) found.push(runs.slice(i, i + 4));
  const off = run => Math.abs(run[0] + run[1] - 2 * minute);
  return {row, found: found.sort((a, b) => off(a) - off(b))};
}

function tell(row, found) {
  const [start, end, operation, number] = found[0], job = DATA.jobs[number];
  const lines = [["b", operation + (job ? ` of job ${job[0]}` : "")],
    ["span", `${DATA.names[row]}, ${span(end - start)}`], ["span", `${moment(start)} to ${moment(end)}`]];
  if (found.length > 1) lines.push(["span", `and ${found.length - 1} more here`]);
  if (job && job[1]) lines.push(["span", `Job ${job[0]} is ${span(job[1])} late`, "late-word"]);
  tip.replaceChildren(...lines.map(([name, text, look]) =>
    Object.assign(document.createElement(name), {textContent: text, className: look || ""})));
}

function pick(number) {
  picked = number;
  const svg = rows(), marks = svg.querySelector(".picks");
  marks.replaceChildren();
  if (number < 0) return;
  DATA.runs.forEach((runs, row) => {
    for (let i = 0; i < runs.length; i += 4)
      if (runs[i + 3] === number) marks.append(mark(svg, row, runs[i], runs[i + 1]));
  });
}

function mark(svg, row, start, end) {
  const rect = document.createElementNS(svg.namespaceURI, "rect");
  const size = {class: "pick", rx: 5, x: (start - DATA.start) * unit(svg) - 1, y: DATA.tops[row] + 2,
    width: Math.max((end - start) * unit(svg) + 1, 4), height: DATA.tops[row + 1] - DATA.tops[row] - 4};
  for (const [name, value] of Object.entries(size)) rect.setAttribute(name, value);
  return rect;
}

document.querySelectorAll(".zoom input").forEach(input => input.addEventListener("change", () => {
  const left = board.scrollLeft / width(rows());
  board.querySelectorAll(".axis,.rows").forEach(svg =>
    svg.toggleAttribute("hidden", !svg.classList.contains("z" + input.value)));
  board.scrollLeft = left * width(rows());
  tip.hidden = true;
  pick(picked);
}));
board.addEventListener("pointermove", event => {
  const {row, found} = under(event);
  tip.hidden = !found.length;
  if (!found.length) return;
  tell(row, found);
  tip.style.left = Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8) + "px";
  tip.style.top = Math.min(event.clientY + 14, innerHeight - tip.offsetHeight - 8) + "px";
});
board.addEventListener("pointerleave", () => { tip.hidden = true; });
board.addEventListener("click", event => {
  const {found} = under(event);
  pick(found.length && found[0][3] !== picked ? found[0][3] : -1);
});
addEventListener("keydown", event => { if (event.key === "Escape") pick(-1); });
