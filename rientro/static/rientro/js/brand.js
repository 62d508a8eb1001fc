// The brand editor: every change is drawn at once. The colours themselves are computed by the server.

const form = document.querySelector("[data-preview]");
let waiting = null;
let asked = 0;

function load(href) {
  const old = document.querySelector("link[data-looks]");
  if (old.getAttribute("href") === href) return Promise.resolve();
  const fresh = old.cloneNode();
  fresh.href = href;
  return new Promise((done) => {
    fresh.addEventListener("load", () => { old.remove(); done(); });
    fresh.addEventListener("error", done);
    old.after(fresh);
  });
}

async function draw() {
  const facts = new FormData(form);
  facts.delete("logo");
  const mine = (asked += 1);
  const answer = await fetch(form.dataset.preview, { method: "POST", body: facts, credentials: "same-origin" });
  if (!answer.ok || mine !== asked) return;
  const drawn = new DOMParser().parseFromString(await answer.text(), "text/html");
  await load(drawn.querySelector("[data-looks]").dataset.looks);
  if (mine !== asked) return;
  for (const part of drawn.querySelectorAll("[data-part]")) {
    form.querySelector(`[data-part="${part.dataset.part}"]`).replaceChildren(...part.childNodes);
  }
}

if (form) {
  form.querySelectorAll("[data-nojs]").forEach((node) => { node.hidden = true; });
  for (const hex of form.querySelectorAll("[data-hex]")) {
    const picker = document.getElementById(hex.dataset.hex);
    hex.hidden = false;
    hex.value = picker.value;
    picker.addEventListener("input", () => { hex.value = picker.value; });
    hex.addEventListener("input", () => {
      if (/^#[0-9a-f]{6}$/i.test(hex.value)) picker.value = hex.value.toLowerCase();
    });
    hex.addEventListener("blur", () => { hex.value = picker.value; });
  }
  form.addEventListener("input", () => {
    form.querySelector("[data-unsaved]").hidden = false;
    clearTimeout(waiting);
    waiting = setTimeout(draw, 180);
  });
}
