"use strict";
(() => {
  const id = (name) => document.getElementById(name);
  const typing = (event) => event.target.matches("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey;

  if (id("words")) {
    const rows = [...document.querySelectorAll("article")];
    const texts = new Map();
    const words = (row) => {
      if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase());
      return texts.get(row);
    };
    const apply = () => {
      const wanted = id("words").value.toLowerCase().split(/\s+/).filter(Boolean);
      const type = id("type").value, status = id("status").value, category = id("category").value;
      let shown = 0;
      for (const row of rows) {
        const fits = (!type || row.dataset.type === type)
          && (!status || row.dataset.status.split(" ").includes(status))
          && (!category || row.dataset.categories.includes("|" + category + "|"))
          && wanted.every((word) => words(row).includes(word));
        row.hidden = !fits;
        shown += fits;
      }
      id("none").hidden = shown > 0;
      id("count").textContent = shown === rows.length ? rows.length + " shown" : shown + " of " + rows.length + " shown";
    };
    let timer = 0;
    id("words").addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(apply, 120); });
    for (const name of ["type", "status", "category"]) id(name).addEventListener("change", apply);
    let at = -1;
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") { id("words").value = ""; apply(); id("words").blur(); }
      if (typing(event)) return;
      if (event.key === "/") { id("words").focus(); event.preventDefault(); }
      const visible = rows.filter((row) => !row.hidden);
      const step = { j: 1, k: -1 }[event.key];
      if (!step || !visible.length) return;
      at = Math.min(Math.max(at + step, 0), visible.length - 1);
      visible[at].scrollIntoView({ block: "center" });
      const link = visible[at].querySelector("a");
      if (link) link.focus({ preventScroll: true });
    });
    apply();
    return;
  }

  const links = [...document.querySelectorAll(".split nav a")];
  let now = -1;
  const show = () => {
    now = links.findIndex((link) => link.hash === location.hash);
    links.forEach((link, i) => link.classList.toggle("now", i === now));
    if (now >= 0) links[now].scrollIntoView({ block: "nearest" });
  };
  addEventListener("hashchange", show);
  document.addEventListener("keydown", (event) => {
    const step = { j: 1, k: -1 }[event.key];
    if (typing(event) || !step || !links.length) return;
    location.hash = links[(now + step + links.length) % links.length].hash;
  });
  show();
})();
