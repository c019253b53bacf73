// Toasts leave after six seconds, unless somebody is on them. Never used for errors.
const STAY = 6000;

function watch(toast) {
  if (toast.dataset.uiWatched) return;
  toast.dataset.uiWatched = "1";
  let timer = setTimeout(() => toast.remove(), STAY);
  const hold = () => clearTimeout(timer);
  const go = () => {
    clearTimeout(timer);
    timer = setTimeout(() => toast.remove(), STAY / 2);
  };
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("pointerleave", go);
  toast.addEventListener("focusout", go);
}

/** Say something that happened; `undo` is called from its button. */
export function say(text, undo) {
  const box = document.getElementById("toasts");
  if (!box) return;
  const toast = document.createElement("div");
  toast.className = "toast";
  const words = document.createElement("span");
  words.textContent = text;
  toast.append(words);
  if (undo) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = document.body.dataset.undo ?? "Undo";
    button.addEventListener("click", () => {
      toast.remove();
      undo();
    });
    toast.append(button);
  }
  box.replaceChildren(toast);
  watch(toast);
}

export function wake(root) {
  for (const toast of root.querySelectorAll("[data-toast]")) watch(toast);
}
