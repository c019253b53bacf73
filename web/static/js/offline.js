// The floor never loses a scan. A form marked data-queue is kept on the tablet until the server has answered;
// its hidden field `key` makes sending it twice harmless. Without a network the pill counts what waits; with it
// the page shows how things stand, and what the server refused is told.
const DB = "cosmo-floor";
const STORE = "waiting";
const REFUSED = "floor-refused";

function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DB, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "id", autoIncrement: true });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

async function store(mode, work) {
  const db = await open();
  return new Promise((resolve, reject) => {
    const deal = db.transaction(STORE, mode);
    const result = work(deal.objectStore(STORE));
    deal.oncomplete = () => resolve(result?.result);
    deal.onerror = () => reject(deal.error);
  });
}

const put = (entry) => store("readwrite", (s) => s.add(entry));
const all = () => store("readonly", (s) => s.getAll());
const drop = (id) => store("readwrite", (s) => s.delete(id));

async function show() {
  const pill = document.getElementById("offline");
  if (!pill) return;
  const count = (await all()).length;
  pill.classList.toggle("is-shown", !navigator.onLine || count > 0);
  const words = pill.querySelector("[data-offline-text]");
  words.textContent = count === 0 ? pill.dataset.none : count === 1 ? pill.dataset.one : pill.dataset.many.replace("%s", count);
}

// 4xx is an answer: the server has seen it and refuses, so it is told and not sent again
async function send(entry) {
  const answer = await fetch(entry.action, { method: "POST", body: new URLSearchParams(entry.fields), headers: { Accept: "text/html", "X-Queued-At": entry.at }, redirect: "follow" });
  if (answer.status >= 500) throw new Error(String(answer.status));
  return answer;
}

// why, in the words of the page it answered with
async function reason(answer) {
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return (page.querySelector(".note-late, section.problem p")?.textContent ?? "").trim() || `${answer.status}`;
}

function tell() {
  const spot = document.getElementById("problem");
  const words = JSON.parse(sessionStorage.getItem(REFUSED) ?? "[]");
  sessionStorage.removeItem(REFUSED);
  if (!spot || !words.length) return;
  spot.replaceChildren(
    ...words.map((text) => {
      const note = document.createElement("div");
      note.className = "note note-late";
      note.setAttribute("role", "alert");
      note.textContent = text;
      return note;
    }),
  );
}

let sending = false;
async function flush() {
  if (sending || !navigator.onLine) return;
  sending = true;
  let sent = 0;
  const refused = [];
  try {
    for (const entry of await all()) {
      const answer = await send(entry);
      await drop(entry.id);
      sent += 1;
      if (!answer.ok) refused.push(await reason(answer));
    }
  } catch {
    // still no way through; what is left stays where it is
  } finally {
    sending = false;
    await show();
  }
  if (!sent) return;
  if (refused.length) sessionStorage.setItem(REFUSED, JSON.stringify(refused));
  location.reload();
}

// crypto.randomUUID is there on secure origins only; a tablet may reach its plant without
const fresh = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

function entryOf(form, submitter) {
  const fields = new FormData(form, submitter);
  if (!fields.get("key")) fields.set("key", fresh());
  return { action: submitter?.formAction || form.action, fields: [...fields].filter(([, v]) => typeof v === "string"), at: new Date().toISOString() };
}

async function queue(event) {
  const form = event.target;
  if (!form.matches?.("form[data-queue]") || navigator.onLine) return;
  event.preventDefault();
  await put(entryOf(form, event.submitter));
  // pressed once more it is another act
  if (form.elements.key) form.elements.key.value = fresh();
  await show();
}

export function start() {
  document.addEventListener("submit", queue);
  addEventListener("online", flush);
  addEventListener("offline", show);
  setInterval(flush, 15000);
  tell();
  show().then(flush);
}
