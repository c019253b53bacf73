// "Turn it": the product in 3D in place of its drawing. What draws it is loaded when it is asked for; without
// WebGL, or when it gets lost, the drawing stays.
let view = null; // what is open
let yaw = 0;
let tilt = 0;

const holder = () => document.querySelector("[data-solid]");
const part = (name) => holder()?.querySelector(`[data-turn="${name}"]`);

function show(open) {
  const stage = holder()?.closest(".stage");
  stage?.classList.toggle("is-solid", open);
  for (const name of ["left", "right", "back"]) part(name)?.toggleAttribute("hidden", !open);
  part("open")?.toggleAttribute("hidden", open);
}

function close(said) {
  view?.stop();
  view = null;
  show(false);
  const live = document.getElementById("live");
  if (said && live) live.textContent = said;
}

async function open() {
  const box = holder();
  const made = (await import("./mug3d.js")).mug(JSON.parse(box.dataset.solid), () => close(box.dataset.lost));
  if (!made) {
    close(box.dataset.lost);
    part("open").hidden = true;
    return;
  }
  view = made;
  place();
  view.canvas.focus({ preventScroll: true });
}

// the page was answered anew: the same canvas goes back, with what is chosen now
function place() {
  const box = holder();
  if (!box) return close();
  view.canvas.setAttribute("aria-label", box.dataset.label);
  if (!view.canvas.isConnected) box.closest(".stage").append(view.canvas);
  view.draw(JSON.parse(box.dataset.solid), yaw, tilt);
  show(true);
}

function turn(by, up = 0, soft = true) {
  if (!view) return;
  const from = [yaw, tilt];
  const to = [yaw + by, Math.min(Math.max(tilt + up, -0.2), 0.5)];
  const calm = !soft || matchMedia("(prefers-reduced-motion: reduce)").matches;
  const began = performance.now();
  const step = (now) => {
    const u = calm ? 1 : Math.min((now - began) / 240, 1);
    const eased = 1 - (1 - u) ** 3;
    yaw = from[0] + (to[0] - from[0]) * eased;
    tilt = from[1] + (to[1] - from[1]) * eased;
    view?.draw(null, yaw, tilt);
    if (u < 1) requestAnimationFrame(step);
  };
  step(began);
}

const KEYS = { ArrowLeft: [-0.26, 0], ArrowRight: [0.26, 0], ArrowUp: [0, -0.08], ArrowDown: [0, 0.08] };

export function wake() {
  if (!holder()) return view && close();
  if (view) place();
  else if (window.WebGLRenderingContext) part("open")?.removeAttribute("hidden");
}

export function start() {
  document.addEventListener("click", (event) => {
    const pressed = event.target.closest?.("[data-turn]")?.dataset.turn;
    if (pressed === "open") open();
    if (pressed === "back") {
      close();
      part("open")?.focus();
    }
    if (pressed === "left") turn(-0.52);
    if (pressed === "right") turn(0.52);
  });
  document.addEventListener("keydown", (event) => {
    const by = view && event.target === view.canvas && KEYS[event.key];
    if (!by) return;
    event.preventDefault();
    turn(...by, false);
  });
  document.addEventListener("pointerdown", (event) => {
    if (!view || event.target !== view.canvas) return;
    view.canvas.setPointerCapture(event.pointerId);
    let last = event;
    const move = (now) => {
      turn((now.clientX - last.clientX) / 130, event.pointerType === "mouse" ? (now.clientY - last.clientY) / 500 : 0, false);
      last = now;
    };
    const canvas = view.canvas;
    const end = () => canvas.removeEventListener("pointermove", move);
    canvas.addEventListener("pointermove", move);
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, end, { once: true });
  });
}
