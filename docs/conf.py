"""How Sphinx builds a site from these pages: `nox -s docs`. Nothing is fetched while it is built or read."""

from html import escape
from os.path import relpath
from pathlib import Path

from docutils import nodes
from pygments.lexers.special import TextLexer
from sphinx.addnodes import download_reference, index, pending_xref
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
html_js_files = [("scrollable.js", {"loading_method": "defer"})]
MERMAID = "../build/npm/node_modules/mermaid/dist/mermaid.min.js"  # where `nox -s docs` installs it
html_static_path = ["static", MERMAID]
html_show_copyright = html_copy_source = False
copybutton_prompt_text = "$ "

myst_heading_anchors = 3  # as GitHub makes them

default_role = "py:obj"  # `a name` in a docstring is a link if this site describes it
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
maximum_signature_line_length = 80
napoleon_use_ivar = True
nitpick_ignore_regex = [
    ("py:obj", ".*"),
    ("py:class", r"altegio_partner\.\w+\.T"),  # a type variable
    ("py:.*", r"(?!altegio_partner\b|\.?[A-Z]\w*Error$).*"),  # other packages
]

ROOT = Path(__file__).parents[1]
PAGES = {
    "CHANGELOG.md": "project/changes",
    "CONTRIBUTING.md": "project/contributing",
    "SECURITY.md": "project/security",
    "spec/README.md": "project/facts",
    "tests/mutation/README.md": "project/mutation",
}
"""Files outside docs/ that are pages of the site."""
EXAMPLES = {
    "celery_tasks.py": "examples/celery",
    "dbos_workflow.py": "examples/dbos",
    "demo.py": "examples/demo",
    "django_app.py": "examples/django",
    "django_invoices": "examples/django-invoices",
    "fastapi_app.py": "examples/fastapi",
    "flask_app.py": "examples/flask",
}
"""The pages that show the files of examples/."""


class LinksOutOfDocs(SphinxTransform):
    """Leads a link that leaves docs/, as GitHub understands it, to the page that shows the file here."""

    default_priority = 1

    def apply(self, **_: object) -> None:
        """Change the links of one page."""
        for link in filter(_is_link, [*self.document.findall(nodes.Element)]):
            target, anchor = str(link["reftarget"]), link.get("reftargetid")
            if link.get("refdomain") == "doc":  # MyST has turned it into the name of a page
                target = f"{target}.md"
            path = relpath(ROOT / "docs" / self.env.docname / ".." / target, ROOT)
            if path.startswith("examples/"):
                page, anchor = EXAMPLES[path.split("/")[1]], None
            else:
                page = PAGES.get(path, "")
            if page:
                where = {"refdomain": "doc", "reftarget": page, "reftargetid": anchor, "refdoc": self.env.docname}
                link.replace_self(pending_xref("", *link.children, reftype="myst", refexplicit=True, **where))


def _is_link(node: nodes.Element) -> bool:
    return isinstance(node, (pending_xref, download_reference)) and node.get("reftype") == "myst"


SEARCHED = {
    "when-it-fails": "error, timeout, duplicate",
    "when-it-fails#authenticationerror": "401, wrong token",
    "when-it-fails#permissiondeniederror": "403",
    "when-it-fails#notfounderror": "404",
    "when-it-fails#invalidrequesterror": "400, 422",
    "when-it-fails#ratelimiterror": "429, too many requests",
    "when-it-fails#what-is-retried": "retry, retries",
    "payments-once": "idempotency, idempotency key, double payment, duplicate payment",
    "money#refunds": "refund, chargeback",
    "time-zones": "time zone, timezone",
    "many-calls": "rate limit",
    "many-machines": "Celery, Django, DBOS, task queue",
    "receiving": "callback, freeze, unfreeze",
    "receiving#callbacks": "verify webhook, webhook, webhook signature",
    "tutorial": "quickstart",
    "tutorial#start-altegio": "credentials, environment variables",
    "sandbox": "sandbox, test environment",
    "testing-other-languages": "docker, CI, curl",
    "async": "async, asyncio, trio",
    "command-line": "CSV, bulk import, CLI",
    "extending#custom-certificates-and-proxies": "proxy, certificate, certificates, TLS",
    "examples/fastapi": "FastAPI",
    "examples/flask": "Flask",
    "support": "YCLIENTS",
}
"""What people type into the search, and the section that answers it: the site's search puts these first."""


class SearchedWords(SphinxTransform):
    """Makes main entries of the index of the words that are searched for."""

    default_priority = 840  # before the domains read the page

    def apply(self, **_: object) -> None:
        """Add the entries of one page."""
        for place, words in SEARCHED.items():
            page, _separator, anchor = place.partition("#")
            if page == self.env.docname:
                sections = [*self.document.findall(nodes.section)]
                section = next(one for one in sections if not anchor or anchor in (one.get("slug"), *one["ids"]))
                entries = [("single", word, section["ids"][0], "main", None) for word in words.split(", ")]
                section.insert(1, index(entries=entries))


class Diagrams(SphinxTransform):
    """Draws the `mermaid` blocks of a page with Mermaid in the browser, as GitHub does."""

    default_priority = 1

    def apply(self, **_: object) -> None:
        """Mark the diagrams of one page."""
        for block in [*self.document.findall(nodes.literal_block)]:
            if block.get("language") == "mermaid":
                shown = f'<pre class="mermaid">{escape(block.astext())}</pre>'
                block.replace_self(nodes.raw("", shown, format="html"))


def load_mermaid(app: Sphinx, _: str, __: str, ___: object, document: nodes.document | None) -> None:
    """Load Mermaid, which is large, only on pages with a diagram."""
    if document and any(raw.astext().startswith('<pre class="mermaid">') for raw in document.findall(nodes.raw)):
        app.add_js_file("mermaid.min.js", loading_method="defer")
        app.add_js_file("diagrams.js", loading_method="defer")


class PicturesForDarkPages(SphinxTransform):
    """Shows `name-dark.png` instead of `name.png` in dark mode. GitHub always shows the latter."""

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
    """Wraps the long lines of a terminal, as terminals do, but not those of a table."""

    default_priority = 1

    def apply(self, **_: object) -> None:
        """Mark the terminals of one page."""
        for block in self.document.findall(nodes.literal_block):
            if block.get("language") == "console" and "│" not in block.astext():
                block["classes"].append("wrapped")


def find_public(app: Sphinx, _: BuildEnvironment, link: pending_xref, words: nodes.Element) -> nodes.Element | None:
    """Find a name of a docstring that is given without its package."""
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


def name_types(*arguments: object) -> tuple[str, object] | None:
    """Replace the expansion of a type alias in a signature with its name, which Python does not keep."""
    signature, result = arguments[-2:]
    if not isinstance(signature, str):
        return None
    for spelled, name in SPELLED.items():
        signature = signature.replace(spelled, name)
        result = result.replace(spelled, name) if isinstance(result, str) else result
    return signature, result


SPELLED = {
    stringify_annotation(FaultName, "smart"): "~altegio_partner.sandbox.FaultName",
    stringify_annotation(Json, "smart"): "Json",
    "= NOTHING": "= ...",  # attrs: a new one for each
}


def make_accessible(app: Sphinx, error: Exception | None) -> None:
    """Name for screen readers what Sphinx and furo leave without a name, and give the search a heading."""
    if error is None:
        for path in Path(app.outdir).rglob("*.html"):
            text = path.read_text("utf-8")
            for written, accessible in ACCESSIBLE.items():
                text = text.replace(written, accessible)
            path.write_text(text, "utf-8")


ACCESSIBLE = {
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="All pages">',
    '<aside class="toc-drawer">': '<aside class="toc-drawer" aria-label="This page">',
    '<div id="search-results"></div>': '<h1>Search</h1>\n<div id="search-results"></div>',
    "<dl>\n<dd>": '<dl role="none">\n<dd>',  # the arguments of a long signature
    '<p class="caption" role="heading">': '<p class="caption" role="heading" aria-level="2">',
}
"""What Sphinx and furo write into a page, and what is there instead."""


def setup(app: Sphinx) -> None:
    """Register what is defined above."""
    app.add_transform(Diagrams)
    app.add_transform(LinksOutOfDocs)
    app.add_transform(PicturesForDarkPages)
    app.add_transform(SearchedWords)
    app.add_transform(WrappedTerminals)
    app.add_lexer("csv", TextLexer)
    app.connect("html-page-context", load_mermaid)
    app.connect("missing-reference", find_public)
    app.connect("autodoc-process-signature", name_types)
    app.connect("build-finished", make_accessible)
