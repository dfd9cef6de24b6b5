"use strict";
(() => {
  const themes = JSON.parse(document.getElementById("themes").textContent);
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const figures = [...document.querySelectorAll(".figure")].map((place) => ({
    place,
    figure: JSON.parse(document.getElementById(place.dataset.source).textContent),
  }));

  const phone = window.matchMedia("(max-width: 600px)");

  // On a narrow page the figures behind the marks are shorter, so that the marks have room.
  function narrowed({ data, layout }) {
    const right = layout.meta && layout.meta.narrow_margin_r;
    if (!right) return { data, layout };
    return {
      data: data.map((trace) => (trace.meta && trace.meta.narrow_text ? { ...trace, text: trace.meta.narrow_text } : trace)),
      layout: { ...layout, margin: { ...layout.margin, r: right } },
    };
  }

  function draw(mode, width) {
    if (typeof Plotly === "undefined") return;
    for (const { place, figure } of figures) {
      const { data, layout } = phone.matches && !width ? narrowed(figure) : figure;
      const themed = { ...layout, template: themes[mode], paper_bgcolor: "rgba(0,0,0,0)" };
      if (width) themed.width = width;
      Plotly.react(place, data, themed, { displayModeBar: false, responsive: !width });
    }
  }
  const current = () => (dark.matches ? "dark" : "light");

  const missing = "This chart needs the plotly file that lies beside the page.";
  if (typeof Plotly === "undefined") for (const { place } of figures) place.textContent = missing;
  draw(current());
  dark.addEventListener("change", () => draw(current()));
  phone.addEventListener("change", () => draw(current()));
  window.addEventListener("beforeprint", () => draw("light", 680));
  window.addEventListener("afterprint", () => draw(current()));

  const contents = document.querySelector(".contents");
  const wide = window.matchMedia("(min-width: 1000px)");
  const unfold = () => { if (contents) contents.open = wide.matches; };
  unfold();
  wide.addEventListener("change", unfold);

  const definitions = document.getElementById("definitions");
  const reveal = () => { if (location.hash === "#definitions" && definitions) definitions.open = true; };
  window.addEventListener("hashchange", reveal);
  reveal();
})();
