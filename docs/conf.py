"""How Sphinx makes a site of these pages: `nox -s docs`. Nothing is fetched while it is built or read."""

from html import escape
from os.path import relpath
from pathlib import Path

from docutils import nodes
from pygments.lexers.special import TextLexer
from sphinx.addnodes import download_reference, pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.transforms import SphinxTransform
from sphinx.util.nodes import make_refnode
from sphinx.util.typing import stringify_annotation

from altegio_partner import __version__
from altegio_partner.sandbox import FaultName
from altegio_partner.sandbox.json_views import Json

project = "altegio-partner"
author = "The altegio-partner maintainers"
version = release = __version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx_copybutton"]
html_theme = "furo"
html_title = f"altegio-partner {version}"
pygments_dark_style = "github-dark"
html_css_files = ["site.css"]
MERMAID = "../build/npm/node_modules/mermaid/dist/mermaid.min.js"  # where `nox -s docs` installs it
html_static_path = ["static", MERMAID]
html_show_copyright = html_copy_source = False
copybutton_prompt_text = "$ "

myst_heading_anchors = 3  # as GitHub makes them

default_role = "py:obj"  # `a name` of a docstring is a link where this site describes it
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
maximum_signature_line_length = 80
napoleon_use_ivar = True
nitpick_ignore_regex = [
    ("py:obj", ".*"),
    ("py:class", r"altegio_partner\.\w+\.T"),  # stands for any type
    ("py:.*", r"(?!altegio_partner\b|\.?[A-Z]\w*Error$).*"),  # what others describe
]

ROOT = Path(__file__).parents[1]
PAGES = {
    "CHANGELOG.md": "project/changes",
    "CONTRIBUTING.md": "project/contributing",
    "SECURITY.md": "project/security",
    "spec/README.md": "project/facts",
    "tests/mutation/README.md": "project/mutation",
}
"""Files beside docs/ that are pages of the site."""


class LinksOutOfDocs(SphinxTransform):
    """Leads a link that leaves docs/, as GitHub understands it, to the page that shows the file here."""

    default_priority = 1

    def apply(self, **_: object) -> None:
        """Change the links of one page."""
        for link in filter(_is_link, [*self.document.findall(nodes.Element)]):
            target, anchor = str(link["reftarget"]), link.get("reftargetid")
            if link.get("refdomain") == "doc":  # MyST has made the name of a page of it
                target = f"{target}.md"
            path = relpath(ROOT / "docs" / self.env.docname / ".." / target, ROOT)
            if path.startswith("examples/"):
                page, anchor = "examples", path.removeprefix("examples/").replace(".", "")
            else:
                page = PAGES.get(path, "")
            if page:
                where = {"refdomain": "doc", "reftarget": page, "reftargetid": anchor, "refdoc": self.env.docname}
                link.replace_self(pending_xref("", *link.children, reftype="myst", refexplicit=True, **where))


def _is_link(node: nodes.Element) -> bool:
    return isinstance(node, (pending_xref, download_reference)) and node.get("reftype") == "myst"


class Diagrams(SphinxTransform):
    """Lets Mermaid draw the `mermaid` blocks of a page in the reader's browser, as GitHub does."""

    default_priority = 1

    def apply(self, **_: object) -> None:
        """Mark the diagrams of one page."""
        for block in [*self.document.findall(nodes.literal_block)]:
            if block.get("language") == "mermaid":
                shown = f'<pre class="mermaid">{escape(block.astext())}</pre>'
                block.replace_self(nodes.raw("", shown, format="html"))


def load_mermaid(app: Sphinx, _: str, __: str, ___: object, document: nodes.document | None) -> None:
    """Load Mermaid, which is large, on the pages that have a diagram."""
    if document and any(raw.astext().startswith('<pre class="mermaid">') for raw in document.findall(nodes.raw)):
        app.add_js_file("mermaid.min.js", loading_method="defer")
        app.add_js_file("diagrams.js", loading_method="defer")


class PicturesForDarkPages(SphinxTransform):
    """Shows a picture's twin, `name-dark.png` beside `name.png`, where the page is dark. GitHub shows the first."""

    default_priority = 1

    def apply(self, **_: object) -> None:
        """Add the twins of one page."""
        for picture in [*self.document.findall(nodes.image)]:
            stem, dot, kind = str(picture["uri"]).rpartition(".")
            twin = f"{stem}-dark{dot}{kind}"
            if (ROOT / "docs" / self.env.docname / ".." / twin).resolve().exists():
                dark = picture.deepcopy()
                dark["uri"] = twin
                picture["classes"].append("only-light")
                dark["classes"].append("only-dark")
                picture.parent.insert(picture.parent.index(picture) + 1, dark)


class WrappedTerminals(SphinxTransform):
    """Lets the long lines of a terminal wrap, as terminals do, but not those of a table."""

    default_priority = 1

    def apply(self, **_: object) -> None:
        """Mark the terminals of one page."""
        for block in self.document.findall(nodes.literal_block):
            if block.get("language") == "console" and "│" not in block.astext():
                block["classes"].append("wrapped")


def find_public(app: Sphinx, _: BuildEnvironment, link: pending_xref, words: nodes.Element) -> nodes.Element | None:
    """Find what a docstring names without saying in which package it is."""
    name = str(link["reftarget"]).removeprefix(".")
    if link.get("refdomain") != "py" or "." in name:
        return None
    known = app.env.domains.python_domain.objects.items()
    found = [(full, one) for full, one in known if full.endswith(f".{name}") and one.objtype in PUBLIC]
    if len(found) != 1:
        return None
    ((full, one),) = found
    return make_refnode(app.builder, link["refdoc"], one.docname, one.node_id, [words], full)


PUBLIC = {"class", "data", "exception", "function", "type"}


def name_types(*told: object) -> tuple[str, object] | None:
    """Write the name of a type in a signature where Python has forgotten it, and would write all that it stands for."""
    signature, result = told[-2:]
    if not isinstance(signature, str):
        return None
    for spelled, name in SPELLED.items():
        signature = signature.replace(spelled, name)
        result = result.replace(spelled, name) if isinstance(result, str) else result
    return signature, result


SPELLED = {
    stringify_annotation(FaultName, "smart"): "~altegio_partner.sandbox.FaultName",
    stringify_annotation(Json, "smart"): "Json",
    "= NOTHING": "= ...",  # made anew for each, says attrs
}


def setup(app: Sphinx) -> None:
    """Register what is defined above."""
    app.add_transform(Diagrams)
    app.add_transform(LinksOutOfDocs)
    app.add_transform(PicturesForDarkPages)
    app.add_transform(WrappedTerminals)
    app.add_lexer("csv", TextLexer)
    app.connect("html-page-context", load_mermaid)
    app.connect("missing-reference", find_public)
    app.connect("autodoc-process-signature", name_types)
