// The keys of Review: each presses the button that a mouse would. And signs of life, for the clock; nothing of what is typed.

const KEYS = { a: "accept", r: "reject", e: "edit", f: "flag", u: "unsure", n: "next", p: "previous", z: "back" };
const BEAT_MS = 15000;
const TYPING = "textarea, select, [contenteditable=true], [role=textbox], [role=combobox], [role=dialog]";

export default function ({ parentElement, setTriggerValue }) {
  const own = (parentElement.own ??= start(parentElement));
  own.tell = setTriggerValue;
  return () => {
    own.stop();
    delete parentElement.own;
  };
}

function start() {
  const own = { active: false };
  const alive = () => { own.active = true; };
  const key = (event) => { alive(); pressed(event); };
  const moves = ["pointermove", "pointerdown", "wheel"];
  window.addEventListener("keydown", key, true);
  for (const name of moves) window.addEventListener(name, alive, { passive: true });
  const beat = setInterval(() => {
    if (own.active) own.tell("alive", Date.now());
    own.active = false;
  }, BEAT_MS);
  own.stop = () => {
    clearInterval(beat);
    window.removeEventListener("keydown", key, true);
    for (const name of moves) window.removeEventListener(name, alive);
  };
  return own;
}

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const target = event.target;
  const choice = target.tagName === "INPUT" && (target.type === "radio" || target.type === "checkbox");
  if ((target.tagName === "INPUT" && !choice) || target.closest?.(TYPING)) {
    if (event.key === "Escape") target.blur();
    return;
  }
  const name = KEYS[event.key.toLowerCase()];
  if (event.key === "/") {
    const field = document.querySelector(".st-key-words input");
    if (!field) return;
    field.focus();
    field.select();
  } else if (name) {
    const button = document.querySelector(`.st-key-do-${name} button`);
    if (!button || button.disabled) return;
    button.click();
  } else {
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
}
