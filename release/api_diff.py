"""Tell what of the public API is no longer as an older checkout had it, so that code written for it may fail."""

import sys
from collections.abc import Iterator
from pathlib import Path

import griffe

PUBLIC = (
    "altegio_partner", "altegio_partner.incoming", "altegio_partner.ledger", "altegio_partner.rate_limit",
    "altegio_partner.sandbox", "pytest_altegio_sandbox",
)  # fmt: skip
VALUE = griffe.BreakageKind.ATTRIBUTE_CHANGED_VALUE  # of the version, say: nobody's code fails of it


def breakages(old: Path, new: Path) -> Iterator[str]:
    """Compare each public name."""
    for module in PUBLIC:
        for found in griffe.find_breaking_changes(public_names(module, old), public_names(module, new)):
            if found.kind != VALUE:
                yield found.explain(griffe.ExplanationStyle.MARKDOWN)


def public_names(module: str, checkout: Path) -> griffe.Module:
    """Return what `from module import *` gives, as it is defined, and nothing else of the module."""
    public = griffe.Module(module)
    folder = checkout / module.replace(".", "/")
    if not folder.is_dir() and not folder.with_suffix(".py").is_file():
        return public  # it did not exist then
    top, _, below = module.partition(".")
    package = griffe.load(top, search_paths=[checkout], try_relative_path=False, resolve_aliases=True)
    found = package[below] if below else package
    for name in found.exports or [name for name, one in found.members.items() if one.is_public]:
        one = found.members[str(name)]
        public.members[str(name)] = one.final_target if isinstance(one, griffe.Alias) else one
    return public


def main() -> None:
    """Compare this checkout with the older one that is named."""
    found = list(breakages(Path(sys.argv[1]).resolve(), Path.cwd()))
    if found:
        sys.exit("\n".join(["The public API breaks code that was written for it:", *found]))
    print(f"No public name of {', '.join(PUBLIC)} is gone or asks for more.")


if __name__ == "__main__":
    main()
