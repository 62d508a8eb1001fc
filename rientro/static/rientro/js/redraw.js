// A form that the server draws anew while it is filled in: [data-redraw] names where, [data-part] is swapped.

const form = document.querySelector("[data-redraw]");
let waiting = null;
let asked = 0;

async function redraw(extra) {
  const facts = new FormData(form);
  if (extra?.name) facts.set(extra.name, extra.value);
  const mine = (asked += 1);
  const answer = await fetch(form.dataset.redraw, { method: "POST", body: facts, credentials: "same-origin" });
  if (!answer.ok || mine !== asked) return;
  const held = document.activeElement?.id;
  const drawn = new DOMParser().parseFromString(await answer.text(), "text/html");
  form.querySelector("[data-part]").replaceWith(drawn.querySelector("[data-part]"));
  form.querySelectorAll("[data-nojs]").forEach((node) => { node.hidden = true; });
  if (held) document.getElementById(held)?.focus();
}

if (form) {
  form.querySelectorAll("[data-nojs]").forEach((node) => { node.hidden = true; });
  form.addEventListener("change", (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(redraw, event.target.multiple ? 600 : 0);
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=act]");
    if (!button || !/^(add|drop-)/.test(button.value)) return;
    event.preventDefault();
    redraw(button);
  });
}
