"use strict";
(() => {
  const search = document.querySelector(".search");
  if (!search) return;
  const rows = [...document.querySelectorAll("tbody tr")];
  search.addEventListener("input", () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
  });
})();
