"""The pictures of the documentation are what their sources give, and are small."""

import hashlib
from pathlib import Path

import pytest

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
SOURCES = sorted(PICTURES.glob("*.mmd"))


@pytest.mark.parametrize("kind", ["", "-dark"])
@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.stem)
def test_a_diagram_is_drawn_from_its_source(source: Path, kind: str) -> None:
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    drawn = PICTURES / f"{source.stem}{kind}.svg"
    assert f"made from {source.name}, sha256 {digest} " in drawn.read_text(), "nox -s pictures draws it anew"


def test_every_picture_is_small_and_shown() -> None:
    shown = "".join(page.read_text() for page in PICTURES.parent.rglob("*.md"))
    pictures = sorted(path for path in PICTURES.iterdir() if path.suffix != ".mmd")
    assert len(pictures) > len(SOURCES) > 0
    for picture in pictures:
        assert picture.stat().st_size < 150_000, picture.name
        assert f"pictures/{picture.name.replace('-dark', '')})" in shown, picture.name


@pytest.mark.parametrize("picture", sorted(PICTURES.glob("*.svg")), ids=lambda picture: picture.name)
def test_a_drawing_fetches_nothing(picture: Path) -> None:
    drawn = picture.read_text().replace("http://www.w3.org/", "").replace("https://www.textualize.io", "")
    assert "url(http" not in drawn
    assert "@import" not in drawn
    assert 'href="http' not in drawn
