"""The site, as `nox -s docs` has built it."""

from pathlib import Path

SITE = Path(__file__).parents[2] / "build" / "site"
