// Rules by drag: the order is sent when a rule is let go. The arrows do the same without this.

const list = document.querySelector("[data-rules]");
const form = document.querySelector("[data-order]");
let held = null;

function send() {
  for (const rule of list.querySelectorAll("[data-rule]")) {
    const field = document.createElement("input");
    field.type = "hidden";
    field.name = "rule";
    field.value = rule.dataset.rule;
    form.append(field);
  }
  form.requestSubmit();
}

if (list && form) {
  const before = [...list.children].map((rule) => rule.dataset.rule).join();
  for (const grip of list.querySelectorAll(".grip")) {
    const rule = grip.closest("[data-rule]");
    grip.addEventListener("pointerdown", () => { rule.draggable = true; });
    rule.addEventListener("dragstart", (event) => {
      held = rule;
      rule.classList.add("held");
      event.dataTransfer.effectAllowed = "move";
    });
    rule.addEventListener("dragend", () => {
      rule.draggable = false;
      rule.classList.remove("held");
      held = null;
      if ([...list.children].map((each) => each.dataset.rule).join() !== before) send();
    });
  }
  list.addEventListener("dragover", (event) => {
    const over = event.target.closest("[data-rule]");
    if (!held || !over) return;
    event.preventDefault();
    if (over === held) return;
    const box = over.getBoundingClientRect();
    list.insertBefore(held, event.clientY < box.top + box.height / 2 ? over : over.nextSibling);
  });
  list.addEventListener("drop", (event) => event.preventDefault());
}
