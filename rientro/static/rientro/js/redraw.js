// A form that the server draws anew while it is filled in: [data-redraw] names where, [data-part] is swapped.

const form = document.querySelector("[data-redraw]");
let waiting = null; // a change that has not been asked about yet
let asked = 0;
let pressed = false; // a button is held down: taken away now, its click would be lost
let drawn = null; // what to swap in when it is let go

async function redraw(extra) {
  clearTimeout(waiting);
  waiting = drawn = null;
  const facts = new FormData(form);
  if (extra?.name) facts.set(extra.name, extra.value);
  const mine = (asked += 1);
  const answer = await fetch(form.dataset.redraw, { method: "POST", body: facts, credentials: "same-origin" });
  const text = answer.ok ? await answer.text() : "";
  // What was chosen meanwhile has its own answer; this one would undo it.
  if (!text || mine !== asked || waiting !== null) return;
  drawn = new DOMParser().parseFromString(text, "text/html").querySelector("[data-part]");
  if (!pressed) swap();
}

function swap() {
  const held = document.activeElement?.id;
  form.querySelector("[data-part]").replaceWith(drawn);
  drawn = null;
  form.querySelectorAll("[data-nojs]").forEach((node) => { node.hidden = true; });
  if (held) document.getElementById(held)?.focus();
}

function press(event) {
  if (event.target.closest("button, a") && (event.type !== "keydown" || event.key === " ")) pressed = true;
}

function letGo() {
  // The click comes right after; the swap waits for it.
  setTimeout(() => {
    pressed = false;
    if (drawn) swap();
  });
}

function leave() {
  clearTimeout(waiting);
  waiting = drawn = null;
  asked += 1;
}

if (form) {
  form.querySelectorAll("[data-nojs]").forEach((node) => { node.hidden = true; });
  form.addEventListener("change", (event) => {
    clearTimeout(waiting);
    drawn = null;
    waiting = setTimeout(redraw, event.target.multiple ? 600 : 0);
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=act]");
    if (!button || !/^(add|drop-)/.test(button.value)) return;
    event.preventDefault();
    redraw(button);
  });
  form.addEventListener("submit", leave);
  for (const kind of ["pointerdown", "keydown"]) form.addEventListener(kind, press);
  for (const kind of ["pointerup", "pointercancel", "keyup", "blur"]) addEventListener(kind, letGo);
}
