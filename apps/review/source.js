// The source: shows the marked text, tells what was selected or clicked (in code points), and hears the keys.
// The text comes as markup of docreview.render.highlight, already escaped. Nothing is loaded, nothing is sent elsewhere.

const KEYS = { a: "accept", r: "reject", e: "edit", f: "flag", u: "unsure", n: "next", p: "previous" };
const BEAT_MS = 15000;
const TYPING = "textarea, select, [contenteditable=true], [role=textbox], [role=combobox], [role=dialog]";

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".dr-source");
  const pane = root.querySelector(".dr-pane");
  const own = (root.own ??= start(root, pane));
  own.data = data;
  own.tell = setTriggerValue;
  if (own.html !== data.html) {
    own.html = data.html;
    pane.innerHTML = data.html;
    own.told = false;
  }
  root.querySelector(".dr-earlier").hidden = data.first;
  root.querySelector(".dr-later").hidden = data.last;
  pane.setAttribute("aria-label", data.label);
  const active = data.active && range(pane, data, data.active);
  paint("dr-active", active ? [active] : []);
  paint("dr-hit", data.hits.map((hit) => range(pane, data, hit)).filter(Boolean));
  if (own.token !== data.token) {
    own.token = data.token;
    scroll(pane, active);
  }
  return () => {
    own.stop();
    delete root.own;
  };
}

function start(root, pane) {
  const own = { html: null, token: null, told: false, active: false };
  const say = (name, value) => own.tell(name, value);
  const alive = () => { own.active = true; };
  const beat = setInterval(() => {
    if (own.active) say("alive", Date.now());
    own.active = false;
  }, BEAT_MS);
  const key = (event) => { alive(); pressed(event); };
  window.addEventListener("keydown", key, true);
  for (const name of ["pointermove", "pointerdown", "wheel"]) window.addEventListener(name, alive, { passive: true });
  const chosen = (event) => told(own, pane, event, say);
  pane.addEventListener("mouseup", chosen);
  pane.addEventListener("keyup", chosen);
  const turn = (by) => () => say("part", own.data.part + by);
  root.querySelector(".dr-earlier").onclick = turn(-1);
  root.querySelector(".dr-later").onclick = turn(1);
  own.stop = () => {
    clearInterval(beat);
    window.removeEventListener("keydown", key, true);
    for (const name of ["pointermove", "pointerdown", "wheel"]) window.removeEventListener(name, alive);
    pane.removeEventListener("mouseup", chosen);
    pane.removeEventListener("keyup", chosen);
    paint("dr-active", []);
    paint("dr-hit", []);
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

function told(own, pane, event, say) {
  const selection = window.getSelection();
  const inside = selection.rangeCount && pane.contains(selection.anchorNode) && pane.contains(selection.focusNode);
  if (inside && !selection.isCollapsed) {
    const found = selection.getRangeAt(0);
    const ends = [[found.startContainer, found.startOffset], [found.endContainer, found.endOffset]];
    const [from, to] = ends.map(([node, at]) => own.data.start + offset(pane, own.data, node, at));
    own.told = true;
    say("selected", { start: from, end: to });
  } else if (inside && event.type === "mouseup" && event.target.closest("mark")) {
    say("clicked", own.data.start + offset(pane, own.data, selection.anchorNode, selection.anchorOffset));
  } else if (own.told) {
    own.told = false;
    say("selected", { start: 0, end: 0 });
  }
}

// Characters before a place in the pane, as code points of the document's own text. What stands there as a code
// ("\x07") is one character of the document.
function offset(pane, data, node, at) {
  const before = document.createRange();
  before.setStart(pane, 0);
  before.setEnd(node, at);
  let count = 0;
  for (const _ of before.toString()) count += 1;
  for (const [place, length] of data.codes) {
    if (count <= place) break;
    count -= Math.min(length - 1, count - place - 1);
  }
  return count;
}

// The piece of the page that shows a span [start, end) of code points.
function range(pane, data, [start, end]) {
  const wanted = [start, end].map((at) => at + data.codes.reduce((n, [place, length]) => n + (place < at ? length - 1 : 0), 0));
  const found = document.createRange();
  const walker = document.createTreeWalker(pane, NodeFilter.SHOW_TEXT);
  let count = 0;
  let begun = false;
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.data;
    let unit = 0;
    for (const character of text) {
      if (!begun && count === wanted[0]) {
        found.setStart(node, unit);
        begun = true;
      }
      unit += character.length;
      count += 1;
      if (begun && count === wanted[1]) {
        found.setEnd(node, unit);
        return found;
      }
    }
  }
  return null;
}

function paint(name, ranges) {
  if (!window.Highlight || !CSS.highlights) return;
  if (ranges.length) CSS.highlights.set(name, new Highlight(...ranges));
  else CSS.highlights.delete(name);
}

function scroll(pane, active) {
  if (!active) {
    pane.scrollTop = 0;
    return;
  }
  const place = active.getBoundingClientRect();
  const frame = pane.getBoundingClientRect();
  pane.scrollTop += place.top - frame.top - frame.height / 3;
}
