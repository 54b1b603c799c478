// Lets the keyboard reach what is wider than its place and scrolls sideways: code, tables, pictures, diagrams.
const resized = new ResizeObserver(entries => {
  for (const {target} of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});
for (const one of document.querySelectorAll("article pre, article .table-wrapper, article p:has(> img)")) resized.observe(one);
