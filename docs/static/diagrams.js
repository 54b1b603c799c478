// Draws the Mermaid blocks of a page, and draws them again when the reader changes between light and dark.
const diagrams = [...document.querySelectorAll("pre.mermaid")].map(block => ({block, source: block.textContent}));
const system = matchMedia("(prefers-color-scheme: dark)");
let shown;
let drawing = Promise.resolve();

async function draw() {
  const chosen = document.body.dataset.theme;
  const theme = chosen === "dark" || (chosen !== "light" && system.matches) ? "dark" : "neutral";
  if (theme === shown) return;
  shown = theme;
  const themeVariables = theme === "dark" ? {edgeLabelBackground: "#2a2a2a"} : {};  // or its text has too little contrast
  mermaid.initialize({startOnLoad: false, theme, themeVariables, fontFamily: getComputedStyle(document.body).fontFamily});
  for (const {block, source} of diagrams) {
    block.textContent = source;
    delete block.dataset.processed;
  }
  await mermaid.run({nodes: diagrams.map(({block}) => block)});
}

const redraw = () => { drawing = drawing.then(draw); };
system.addEventListener("change", redraw);
new MutationObserver(redraw).observe(document.body, {attributeFilter: ["data-theme"]});
redraw();
