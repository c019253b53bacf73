// The floor never loses a scan. A form marked data-queue is kept on the tablet until the server has answered;
// its hidden field `key` makes sending it twice harmless. Without a network the pill counts what waits.
const DB = "cosmo-floor";
const STORE = "waiting";

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

let sending = false;
async function flush() {
  if (sending || !navigator.onLine) return;
  sending = true;
  let sent = 0;
  try {
    for (const entry of await all()) {
      const answer = await send(entry);
      await drop(entry.id);
      sent += 1;
      if (!answer.ok) document.dispatchEvent(new CustomEvent("floor:refused", { detail: { entry, status: answer.status } }));
    }
  } catch {
    // still no way through; what is left stays where it is
  } finally {
    sending = false;
    await show();
  }
  if (sent) document.dispatchEvent(new CustomEvent("floor:sent", { detail: { sent } }));
}

function entryOf(form, submitter) {
  const fields = new FormData(form, submitter);
  if (!fields.get("key")) fields.set("key", crypto.randomUUID());
  return { action: submitter?.formAction || form.action, fields: [...fields].filter(([, v]) => typeof v === "string"), at: new Date().toISOString() };
}

async function queue(event) {
  const form = event.target;
  if (!form.matches?.("form[data-queue]") || navigator.onLine) return;
  event.preventDefault();
  await put(entryOf(form, event.submitter));
  await show();
  document.dispatchEvent(new CustomEvent("floor:kept", { detail: { form } }));
}

export function start() {
  document.addEventListener("submit", queue);
  addEventListener("online", flush);
  addEventListener("offline", show);
  setInterval(flush, 15000);
  show().then(flush);
}
