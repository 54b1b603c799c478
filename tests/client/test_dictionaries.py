"""Countries, cities, kinds of business."""

from decimal import Decimal
from typing import Any

import pytest

from tests.callers import Callers
from tests.client.test_marketplace import answers
from tests.servers.scripted import ScriptedServer, http

USA = {
    "id": 7,
    "title": "USA",
    "full_title": "United States",
    "iso_code": "US",
    "phone_code": "1",
    "phone_template": "+1 xxx-xxx-xxxx",
    "phone_example": "+1 201-123-4567",
    "currency": "$",
    "exchange": 32.99,
    "lang_id": 2,
    "group_type": 1,
    "is_eu": False,
}
TYPES = [
    {"id": 1, "title": "Beauty Salons", "business_group_id": 1},
    {"id": 25, "title": "Spa", "business_group_id": 1},
]
BEAUTY = {"id": 1, "title": "beauty", "image": "https://x/b.png", "image_small": "https://x/s.png", "types": TYPES}


def test_countries(caller: Callers) -> None:
    usa, france = caller(transport=answers([USA, {"id": "56", "title": "France", "exchange": "11.18", "is_eu": 1}]))(
        "dictionaries.list_countries"
    )
    assert {name: getattr(usa, name) for name in USA if name != "exchange"} == {
        k: v for k, v in USA.items() if k != "exchange"
    }
    assert (usa.exchange, usa.raw) == (Decimal("32.99"), USA)
    assert (france.id, france.exchange, france.is_eu, france.iso_code) == (56, Decimal("11.18"), True, None)


def test_cities(caller: Callers) -> None:
    data = [{"id": 2, "country_id": 7, "title": "New York"}, {"id": "1201", "country_id": "38", "title": "București"}]
    found = caller(transport=answers(data))("dictionaries.list_cities", country_id=7)
    assert [(one.id, one.country_id, one.title) for one in found] == [(2, 7, "New York"), (1201, 38, "București")]


def test_cities_of_all_countries(caller: Callers) -> None:
    with ScriptedServer(http(200, b'{"success": true, "data": []}')) as server:
        assert caller(base_url=server.url)("dictionaries.list_cities") == []
    assert server.requests[0].startswith(b"GET /api/v1/cities HTTP/1.1\r\n")


def test_kinds_of_business(caller: Callers) -> None:
    (found,) = caller(transport=answers([BEAUTY]))("dictionaries.list_business_groups")
    assert (found.id, found.title, found.image, found.image_small) == (
        1,
        "beauty",
        "https://x/b.png",
        "https://x/s.png",
    )
    assert [(one.id, one.title, one.business_group_id) for one in found.types] == [
        (1, "Beauty Salons", 1),
        (25, "Spa", 1),
    ]


@pytest.mark.parametrize("wrong", [{"country_id": 0}, {"company_id": "1"}])
def test_wrong_arguments(caller: Callers, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} must be a positive integer"):
        caller()("dictionaries.list_cities", **wrong)
