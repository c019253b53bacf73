// A dropped or chosen file shows its name and, if it is a picture, itself.
function preview(box) {
  const file = box.querySelector("input[type=file]").files?.[0];
  box.querySelector("[data-drop-name]").textContent = file ? `${file.name}, ${Math.max(1, Math.round(file.size / 1024))} kB` : "";
  box.querySelector("img[data-preview]")?.remove();
  if (!file?.type.startsWith("image/")) return;
  const picture = document.createElement("img");
  picture.dataset.preview = "";
  picture.alt = "";
  picture.src = URL.createObjectURL(file);
  picture.addEventListener("load", () => URL.revokeObjectURL(picture.src), { once: true });
  box.prepend(picture);
}

export function wake(root) {
  for (const box of root.querySelectorAll("[data-drop]:not([data-ui-ready])")) {
    box.dataset.uiReady = "1";
    const input = box.querySelector("input[type=file]");
    input.addEventListener("change", () => preview(box));
    for (const name of ["dragenter", "dragover"]) box.addEventListener(name, () => box.classList.add("is-over"));
    for (const name of ["dragleave", "drop"]) box.addEventListener(name, () => box.classList.remove("is-over"));
  }
}
