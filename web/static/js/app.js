// One door: each part of a page announces itself by a data attribute, and gets its small helper.
// Everything here is a comfort; every page works as plain forms and links without it.
import * as theme from "./theme.js";
import * as forms from "./forms.js";
import * as toast from "./toast.js";
import * as countdown from "./countdown.js";
import * as heard from "./heard.js";
import * as keyboard from "./keyboard.js";
import * as drop from "./drop.js";
import * as quantity from "./quantity.js";
import * as strip from "./strip.js";
import * as turn from "./turn.js";

const parts = [theme, forms, toast, countdown, heard, keyboard, drop, quantity, strip, turn];

function wake(root) {
  for (const part of parts) part.wake?.(root);
}

for (const part of parts) part.start?.();
wake(document);
// what arrives later gets the same help
document.addEventListener("htmx:after:swap", () => wake(document));

if (document.querySelector("[data-floor]")) import("./offline.js").then((m) => m.start());
if (document.querySelector("[data-board]")) import("./board.js").then((m) => m.start());
if (document.querySelector("[data-model]")) import("./model.js").then((m) => m.start());
