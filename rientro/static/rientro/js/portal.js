// The portal works without this file. It saves a tap here and a reload there.

const make = (tag, classes, attributes = {}) => {
  const made = document.createElement(tag);
  if (classes) made.className = classes;
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  return made;
};

const icons = new URL("../icons.svg", import.meta.url).pathname;
const sprite = document.querySelector("use[href*='icons']")?.getAttribute("href").split("#")[0] ?? icons;

const icon = (name) => {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("class", "icon sm");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(space, "use");
  use.setAttribute("href", `${sprite}#i-${name}`);
  svg.append(use);
  return svg;
};

// Quantity: a number field becomes a stepper.
for (const group of document.querySelectorAll(".qty[data-less]")) {
  const field = group.querySelector("input");
  const less = make("button", "", { type: "button", "aria-label": group.dataset.less });
  const more = make("button", "", { type: "button", "aria-label": group.dataset.more });
  less.append(icon("minus"));
  more.append(icon("plus"));
  field.before(less);
  field.after(more);
  const show = () => {
    less.disabled = Number(field.value) <= Number(field.min);
    more.disabled = Number(field.value) >= Number(field.max);
  };
  const step = (by) => {
    const wanted = (Number(field.value) || 0) + by;
    field.value = Math.min(Number(field.max), Math.max(Number(field.min), wanted));
    const tick = group.closest(".item").querySelector(".tick");
    if (!tick.checked) tick.checked = true;
    field.dispatchEvent(new Event("change", { bubbles: true }));
    show();
  };
  less.addEventListener("click", () => step(-1));
  more.addEventListener("click", () => step(1));
  field.addEventListener("input", show);
  show();
}

// The button says how many items go on.
for (const go of document.querySelectorAll("[data-count]")) {
  const [none, many, one] = go.dataset.count.split("|");
  const form = go.closest("form");
  const button = go.querySelector(".primary");
  const say = () => {
    let total = 0;
    for (const tick of form.querySelectorAll(".item .tick:checked")) {
      const field = tick.closest(".item").querySelector(".qty input");
      total += field ? Number(field.value) || 0 : 1;
    }
    button.textContent = total === 0 ? none : total === 1 ? one : many.replace("%d", total);
  };
  form.addEventListener("change", say);
  form.addEventListener("input", say);
  say();
}

// One press is enough: a second one would only wait for the first.
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    const button = event.submitter ?? form.querySelector(".primary");
    if (button?.classList.contains("primary")) button.setAttribute("aria-busy", "true");
  });
}
// Back brings a page as it was left: let its forms be sent again.
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.querySelector("[aria-busy]")?.removeAttribute("aria-busy");
  }
});

// A label that is being made: look again until it is there.
const lookAgain = async (box, waited) => {
  await new Promise((go) => setTimeout(go, Math.min(1000 + waited * 250, 5000)));
  let answer;
  try {
    answer = await fetch(box.dataset.lookAgain, { headers: { "X-Part": "label" } });
  } catch {
    return lookAgain(box, waited + 1);
  }
  if (!answer.ok || answer.redirected) return location.reload();
  const part = make("div");
  part.innerHTML = await answer.text();
  const fresh = part.querySelector(".ticket");
  if (!fresh) return location.reload();
  if (fresh.dataset.lookAgain) return lookAgain(box, waited + 1);
  // A label was made instead of a code, or the carrier gives less time: what stands below is wrong now.
  if (fresh.dataset.way !== box.dataset.way || fresh.dataset.by !== box.dataset.by) return location.reload();
  // The box stays: it is the live region that a screen reader listens to.
  box.className = fresh.className;
  box.replaceChildren(...fresh.childNodes);
  const title = document.querySelector("h1[data-ready]");
  if (title && !fresh.classList.contains("waits")) {
    const ready = fresh.dataset.title || title.dataset.ready;
    document.title = document.title.replace(title.textContent, ready);
    title.textContent = ready;
  }
};
for (const box of document.querySelectorAll("[data-look-again]")) lookAgain(box, 0);

// The language menu closes when the reader goes elsewhere.
const tongue = document.querySelector("details.tongue");
if (tongue) {
  document.addEventListener("click", (event) => {
    if (!tongue.contains(event.target)) tongue.open = false;
  });
  tongue.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      tongue.open = false;
      tongue.querySelector("summary").focus();
    }
  });
}
