"""Draws every docs/pictures/*.mmd as an SVG beside it, and another for dark pages, with Mermaid: `nox -s pictures`.

Usage: python docs/diagrams.py MERMAID_JS
"""

import hashlib
import re
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

PICTURES = Path(__file__).parent / "pictures"
INK = {
    "": {"background": "#ffffff", "ink": "#1f2328", "line": "#57606a", "fill": "#f0f3f6"},
    "-dark": {"background": "#131416", "ink": "#d4d7dc", "line": "#8b949e", "fill": "#24272c"},
}
DRAW = """async ({name, source, ink}) => {
    mermaid.initialize({
        startOnLoad: false, securityLevel: "strict", theme: "base", deterministicIds: true, handDrawnSeed: 1,
        htmlLabels: false, fontFamily: "Arial, Helvetica, sans-serif",
        themeCSS: `.edgeLabel .background { opacity: 1; fill: ${ink.background} }`,  // no line goes through words
        themeVariables: {
            fontSize: "15px", background: ink.background, mainBkg: ink.fill, primaryColor: ink.fill,
            primaryTextColor: ink.ink, primaryBorderColor: ink.line, lineColor: ink.line, textColor: ink.ink,
            edgeLabelBackground: ink.background, clusterBkg: ink.background, clusterBorder: ink.line,
            noteBkgColor: ink.fill, noteTextColor: ink.ink, noteBorderColor: ink.line, actorBkg: ink.fill,
            actorTextColor: ink.ink, actorBorder: ink.line, signalColor: ink.line, signalTextColor: ink.ink,
            labelBoxBkgColor: ink.fill, labelTextColor: ink.ink, loopTextColor: ink.ink, titleColor: ink.ink,
        },
    });
    return (await mermaid.render(name, source)).svg;
}"""


def draw(page: Page, source: Path, kind: str) -> None:
    """Write one SVG, with the sum of its source in it."""
    text = source.read_text(encoding="utf-8")
    name = f"{source.stem}{kind}"
    svg = page.evaluate(DRAW, {"name": name, "source": text, "ink": INK[kind]})
    svg = re.sub(r"\d+\.\d{2,}", lambda digits: f"{float(digits[0]):.1f}", svg)  # half the size, and no eye sees it
    begin, style, rest = svg.partition("<style>")
    ground = f'<rect width="100%" height="100%" rx="6" fill="{INK[kind]["background"]}"/>'
    made = f"<!-- made from {source.name}, sha256 {hashlib.sha256(text.encode()).hexdigest()} -->"
    (PICTURES / f"{name}.svg").write_text(f"{begin}{made}{ground}{style}{rest}\n", encoding="utf-8")


def main(mermaid: Path) -> None:
    """Draw all of them in a Chromium."""
    chromium = shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.add_script_tag(path=mermaid)
        for source in sorted(PICTURES.glob("*.mmd")):
            for kind in INK:
                draw(page, source, kind)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
