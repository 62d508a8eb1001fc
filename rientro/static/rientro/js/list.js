// Keys on a list: j and k move, x selects, e acts, Enter opens. The selection counts itself.

const list = document.querySelector("[data-list]");
const rows = list ? [...list.querySelectorAll("tbody tr")] : [];
const all = list?.querySelector("[data-all]");
const count = list?.querySelector("[data-chosen]");
const ticks = rows.map((row) => row.querySelector("input[type=checkbox]")).filter(Boolean);
let at = -1;

function show() {
  const chosen = ticks.filter((tick) => tick.checked).length;
  rows.forEach((row) => row.classList.toggle("picked", Boolean(row.querySelector("input:checked"))));
  if (count) count.textContent = String(chosen);
  if (all) {
    all.checked = chosen > 0 && chosen === ticks.length;
    all.classList.toggle("some", chosen > 0 && chosen < ticks.length);
    all.indeterminate = chosen > 0 && chosen < ticks.length;
  }
}

function move(step) {
  const next = Math.min(rows.length - 1, Math.max(0, at + step));
  rows[at]?.classList.remove("at");
  at = next;
  rows[at].classList.add("at");
  rows[at].scrollIntoView({ block: "nearest" });
  // The link carries the focus, so that a screen reader hears where one is.
  rows[at].querySelector("th a, .main a")?.focus({ preventScroll: true });
}

const keys = {
  j: () => move(1),
  k: () => move(-1),
  x: () => {
    const tick = rows[at]?.querySelector("input[type=checkbox]");
    if (tick) tick.checked = !tick.checked;
    show();
  },
  e: () => {
    if (ticks.some((tick) => tick.checked)) list.querySelector("[data-key=e]")?.click();
  },
};

if (rows.length) {
  if (all) {
    all.hidden = false;
    all.addEventListener("change", () => {
      ticks.forEach((tick) => { tick.checked = all.checked; });
      show();
    });
  }
  list.addEventListener("change", show);
  list.addEventListener("reset", () => setTimeout(show));
  document.addEventListener("keydown", (event) => {
    const typed = event.target.closest("input:not([type=checkbox]), textarea, select");
    if (typed || event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  show();
}
