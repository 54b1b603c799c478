"""Entity events, which Altegio posts to the webhook URLs of a location. They have neither a signature nor a token."""

from collections.abc import Mapping
from typing import Literal, get_args

from altegio_partner.bad_argument import bad_argument
from altegio_partner.incoming import EntityEvent

Resource = Literal[
    "salon",
    "staff",
    "service",
    "service_category",
    "client",
    "record",
    "loyalty_card",
    "schedule",
    "good",
    "goods_operations_sale",
    "goods_operations_receipt",
    "goods_operations_consumable",
    "goods_operations_stolen",
    "goods_operations_move",
    "finances_operation",
]
RESOURCES: tuple[Resource, ...] = get_args(Resource)
EventStatus = Literal["create", "update", "delete"]
EVENT_STATUSES: tuple[EventStatus, ...] = get_args(EventStatus)


def entity_event(
    salon_id: int,
    resource: Resource,
    status: EventStatus | None,
    resource_id: int | None,
    data: Mapping[str, object] | None,
) -> EntityEvent:
    """Return an event, by default as in Altegio's documentation. Raises ValueError."""
    if resource not in RESOURCES:
        raise bad_argument("resource", f"one of {', '.join(RESOURCES)}", resource)
    if status not in (None, *EVENT_STATUSES):
        raise bad_argument("status", f"one of {', '.join(EVENT_STATUSES)}", status)
    usual_id, usual_status, example = _EXAMPLES[resource]
    return EntityEvent(
        company_id=salon_id,
        resource=resource,
        resource_id=usual_id if resource_id is None else resource_id,
        status=status or usual_status,
        unsigned_data=example if data is None else data,
    )


def flag_of(event: EntityEvent) -> str:
    """Return the flag of the webhook settings that subscribes to an event."""
    return "master" if event.resource == "staff" else event.resource


_OPERATION: Mapping[str, object] = {
    "id": 801,
    "document_id": 8801,
    "type_id": 1,
    "amount": 2,
    "create_date": "2026-03-20T14:30:00+0300",
    "cost_per_unit": 25,
    "cost": 50,
    "good": {"id": 701, "title": "Shampoo"},
    "client": [],
    "master": [],
    "service": [],
}
_CLIENT = {"id": 401, "name": "Zoë", "surname": "Fake", "phone": "+13155550175", "email": "zoe@example.com"}
# The flags are numbers and the empty relations lists, as seen, not as documented.
_EXAMPLES: Mapping[Resource, tuple[int, EventStatus, Mapping[str, object]]] = {
    "salon": (
        123456,
        "update",
        {"id": 123456, "title": "Beauty Studio", "active": 1, "city": "New York", "timezone_name": "America/New_York"},
    ),
    "staff": (
        101,
        "create",
        {"id": 101, "name": "Ann", "specialization": "Stylist", "rating": 4.8, "fired": 0, "hidden": 0},
    ),
    "service": (
        201,
        "update",
        {"id": 201, "title": "Haircut", "price_min": 30, "price_max": 50, "duration": 60, "category_id": 10},
    ),
    "service_category": (301, "create", {"id": 301, "title": "Hair", "weight": 1, "staff": [101, 102, 103]}),
    "client": (401, "create", {**_CLIENT, "discount": 10, "visits": 5, "sex_id": 2, "importance_id": 0}),
    "record": (
        501,
        "create",
        {
            "id": 501,
            "company_id": 123456,
            "staff_id": 101,
            "date": "2026-03-20 14:00:00",
            "datetime": "2026-03-20T14:00:00+03:00",
            "create_date": "2026-03-19T10:30:00+0300",
            "attendance": 0,
            "confirmed": 1,
            "online": True,
            "paid_full": 0,
            "services": [{"id": 201, "title": "Haircut", "cost": 50}],
            "client": _CLIENT,
            "comer": None,
            "composite": [],
        },
    ),
    "loyalty_card": (601, "update", {"id": 601, "balance": 150, "number": "LC-00601", "phone": "+13155550175"}),
    "schedule": (101, "update", {}),
    "good": (
        701,
        "create",
        {"good_id": 701, "title": "Shampoo", "cost": 25, "article": "SH-001", "barcode": "4607001234567"},
    ),
    "goods_operations_sale": (801, "create", {**_OPERATION, "type": "sale"}),
    "goods_operations_receipt": (801, "create", {**_OPERATION, "type": "receipt"}),
    "goods_operations_consumable": (801, "create", {**_OPERATION, "type": "consumable"}),
    "goods_operations_stolen": (801, "create", {**_OPERATION, "type": "stolen"}),
    "goods_operations_move": (801, "create", {**_OPERATION, "type": "move"}),
    "finances_operation": (
        901,
        "create",
        {
            "id": 901,
            "amount": 50,
            "date": "2026-03-20T14:30:00+0300",
            "comment": "",
            "record_id": 501,
            "expense": {"id": 1, "title": "Services"},
            "master": [],
            "supplier": [],
        },
    ),
}
