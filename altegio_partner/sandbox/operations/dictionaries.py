"""Countries, cities and kinds of business: a dozen entries each, among them those of Altegio's documentation."""

from altegio_partner.sandbox.api import Call, Endpoint, Response, success
from altegio_partner.sandbox.endpoints import OperationName
from altegio_partner.sandbox.validation import ID, optional

_IMAGES = "https://app.alteg.io/images/business-groups"
_COUNTRY = (
    "id", "title", "full_title", "iso_code", "phone_code", "phone_template", "phone_example", "currency", "exchange",
    "lang_id", "group_type", "is_eu",
)  # fmt: skip
_COUNTRIES = [
    (7, "USA", "United States", "US", "1", "+1 xxx-xxx-xxxx", "+1 201-123-4567", "$", 32.99, 2, 1, False),
    (56, "France", "France", "FR", "33", "+33 x xx xx xx xx", "+33 1 23 45 67 89", "€", 11.18, 8, 1, True),
    (30, "United Kingdom", "United Kingdom", "GB", "44", "+44 xxxx xxxxxx", "+44 7400 123456", "£", 13.1, 2, 1, False),
    (38, "Romania", "Romania", "RO", "40", "+40 xxx xxx xxx", "+40 712 034 567", "lei", 2.2, 20, 1, True),
    (31, "Hungary", "Hungary", "HU", "36", "+36 xx xxx xxxx", "+36 20 123 4567", "Ft", 0.03, 9, 1, True),
    (57, "Germany", "Germany", "DE", "49", "+49 xxx xxxxxxxx", "+49 151 23456789", "€", 11.18, 5, 1, True),
    (58, "Spain", "Spain", "ES", "34", "+34 xxx xx xx xx", "+34 612 34 56 78", "€", 11.18, 6, 1, True),
    (59, "Italy", "Italy", "IT", "39", "+39 xxx xxx xxxx", "+39 312 345 6789", "€", 11.18, 7, 1, True),
    (60, "Poland", "Poland", "PL", "48", "+48 xxx xxx xxx", "+48 512 345 678", "zł", 2.6, 11, 1, True),
    (61, "Brazil", "Brazil", "BR", "55", "+55 xx xxxxx-xxxx", "+55 11 96123-4567", "R$", 2.0, 12, 1, False),
    (62, "Israel", "Israel", "IL", "972", "+972 xx xxx xxxx", "+972 50 234 5678", "₪", 3.1, 13, 1, False),
    (63, "Canada", "Canada", "CA", "1", "+1 xxx-xxx-xxxx", "+1 506-234-5678", "C$", 8.0, 2, 1, False),
]
_CITIES = [
    (2, 7, "New York"), (181, 7, "Los Angeles"), (182, 7, "Chicago"), (1040, 30, "Belfast"), (1041, 30, "London"),
    (1201, 38, "București"), (1202, 38, "Cluj-Napoca"), (1334, 31, "Budapest"), (1401, 56, "Paris"),
    (1402, 57, "Berlin"), (1403, 58, "Madrid"), (1404, 60, "Warszawa"), (1405, 63, "Toronto"),
]  # fmt: skip
_GROUPS = [
    (10, "Domestic services", "services", [(31, "Studio")]),
    (1, "Beauty", "beauty", [(1, "Beauty Salons"), (2, "Barbershops"), (3, "Nail Salons"), (25, "Spa")]),
    (2, "Health", "health", [(4, "Dental Clinics"), (5, "Massage"), (6, "Clinics")]),
    (3, "Sport", "sport", [(7, "Gyms"), (8, "Yoga"), (9, "Dance")]),
    (4, "Education", "education", [(10, "Courses")]),
]
_HOME_CITY = 2


def list_countries(_: Call) -> Response:
    """Return all countries."""
    return success([dict(zip(_COUNTRY, one, strict=True)) for one in _COUNTRIES])


def list_cities(call: Call) -> Response:
    """Return the cities, of one country or of all; that of a location is added."""
    country_id = call.fields.get("country_id")
    location = call.locations.detail(call.fields["company_id"], "location", {}) if "company_id" in call.fields else None
    home = None if location is None else location.get("city_id", _HOME_CITY)
    return success(
        [
            {"id": city_id, "country_id": country, "title": title}
            for city_id, country, title in _CITIES
            if country_id in (None, country) or city_id == home
        ]
    )


def list_business_groups(_: Call) -> Response:
    """Return the kinds of business, by group."""
    groups = [
        {
            "id": group_id,
            "title": title,
            "image": f"{_IMAGES}/{image}.png",
            "image_small": f"{_IMAGES}/{image}_small.png",
            "types": [{"id": one, "title": name, "business_group_id": group_id} for one, name in types],
        }
        for group_id, title, image, types in _GROUPS
    ]
    return success(groups, meta={"count": sum(len(types) for *_, types in _GROUPS)})


ENDPOINTS: dict[OperationName, Endpoint] = {
    "list_countries": Endpoint(list_countries),
    "list_cities": Endpoint(
        list_cities, query={"country_id": optional(ID), "company_id": optional(ID)}, documents_422=False
    ),
    "list_business_groups": Endpoint(list_business_groups, takes_user=True),
}
