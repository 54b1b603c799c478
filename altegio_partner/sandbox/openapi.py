"""The OpenAPI description of the controls, built from the definitions by which the sandbox routes and checks them."""

from collections.abc import Mapping, Sequence

from altegio_partner.version import __version__

from .controls import CONTROLS, Control, Parameter
from .json_views import Json

_FORMS = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data")


def _schema(kind: str) -> dict[str, Json]:
    """Return the schema of a kind: `string`, `string?` if it can be null, or a component `Call` or `Call[]`."""
    name = kind.rstrip("?")
    if name.endswith("[]"):
        return {"type": "array", "items": _schema(name[:-2])}
    if name[0].isupper():
        return {"$ref": f"#/components/schemas/{name}"}
    return {"type": [name, "null"] if kind.endswith("?") else name}


def _object(**properties: str) -> Json:
    return {
        "type": "object",
        "required": [*properties],
        "properties": {name: _schema(kind) for name, kind in properties.items()},
    }


def _page_of(kind: str) -> Json:
    return _object(items=f"{kind}[]", total="integer", next="string?")


_SCHEMAS: Mapping[str, Json] = {
    "Result": {"type": "object"},
    "Error": _object(error="string"),
    "Health": _object(status="string", version="string", now="string"),
    "Clock": _object(now="string", is_stopped="boolean"),
    "Assertion": _object(passed="boolean", message="string"),
    "Payment": _object(
        id="integer", salon_id="integer", payment_sum="string", currency_iso="string", payment_date="string",
        period_from="string", period_to="string", recorded_at="string", refunded_at="string?",
    ),
    "Payments": _page_of("Payment"),
    "Change": _object(changed_at="string", status_from="string", status_to="string", source="string"),
    "Location": _object(
        salon_id="integer", status="string", created_at="string?", until="string?", payments="Payment[]",
        logs="Change[]",
    ),
    "Locations": _page_of("Location"),
    "Delivery": _object(
        number="integer", sent_at="string", event="string", salon_id="integer", url="string?", content="object",
        status="integer?", answer="string",
    ),
    "Deliveries": _object(deliveries="Delivery[]"),
    "DeliveriesPage": _page_of("Delivery"),
    "Call": _object(
        number="integer", at="string", operation="string?", method="string", path="string", query="string",
        headers="object", body="string", status="integer", response_headers="object", response_body="string",
        transfer="string", reason="string", choice="string?", fault="string?",
    ),
    "Calls": _page_of("Call"),
    "Fault": _object(name="string", description="string", is_recorded="boolean"),
    "PendingFault": _object(
        fault="string", description="string", is_recorded="boolean", words="string", calls="integer?", nth="integer",
        operation="string?", method="string?", path="string?", salon_id="integer?", payment_sum="string?",
        probability="number?", delay="number", jitter="number",
    ),
    "Faults": _object(pending="PendingFault[]", faults="Fault[]"),
    "PendingFaults": _object(pending_faults="string[]"),
    "Snapshot": _object(
        now="string", application_id="integer", registration_url="string?", callback_url="string?",
        pending_faults="string[]", totals="object", locations="object[]", payments="Payment[]",
        deliveries="Delivery[]", calls="Call[]",
    ),
}  # fmt: skip


def openapi() -> Mapping[str, Json]:
    """Return the document."""
    paths: dict[str, Json] = {}
    for control in CONTROLS:
        item = paths.setdefault(control.path, {})
        assert isinstance(item, dict)  # noqa: S101  for the type only
        item[control.method.lower()] = _operation(control)
    paths["/sandbox/events"] = {"get": _EVENTS}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Controls of the Altegio sandbox",
            "version": __version__,
            "summary": "What a test can do to the sandbox, and see in it. Not a part of Altegio.",
        },
        "paths": paths,
        "components": {"schemas": dict(_SCHEMAS)},
    }


def _operation(control: Control) -> Json:
    in_path = [one for one in control.parameters if one.name in control.ids]
    others = [one for one in control.parameters if one.name not in control.ids]
    is_read = control.method == "GET"
    described: dict[str, Json] = {"operationId": control.name, "summary": control.summary}
    parameters = [_parameter(one, "path") for one in in_path]
    parameters += [_parameter(one, "query") for one in others if is_read]
    if parameters:
        described["parameters"] = [*parameters]
    if others and not is_read:
        described["requestBody"] = _body(control, others)
    responses: dict[str, Json] = {
        "200": _response("Done." if not is_read else "Found.", control.returns),
        "422": _response("An argument is invalid, or the sandbox is in another state.", "Error"),
        "403": _response("The call is from the page of another site.", "Error"),
    }
    if control.ids:
        responses["404"] = _response("What is in the path is no number.", "Error")
    if control.returns == "Assertion":
        responses["409"] = _response("It does not hold; the message says what was recorded instead.", "Assertion")
    described["responses"] = responses
    return described


def _parameter(parameter: Parameter, place: str) -> Json:
    return {
        "name": parameter.name,
        "in": place,
        "required": parameter.is_required,
        "description": parameter.description,
        "schema": _kind(parameter, []),
    }


def _kind(parameter: Parameter, nothing: Sequence[Json]) -> dict[str, Json]:
    """Return the schema of a parameter. An optional one can be empty, as in forms, or null, as in JSON."""
    empty: Sequence[Json] = () if parameter.is_required else ("", *nothing)
    choices: dict[str, Json] = {"enum": [*parameter.choices, *empty]} if parameter.choices else {}
    kinds: list[Json] = ["string", "number"] if parameter.kind == "amount" else [parameter.kind]
    if nothing and empty:
        kinds.append("null")
    return {"type": kinds if len(kinds) > 1 else kinds[0], **choices}


def _body(control: Control, parameters: Sequence[Parameter]) -> Json:
    required: list[Json] = [one.name for one in parameters if one.is_required]
    schema: Json = {
        "type": "object",
        "required": required,
        "additionalProperties": False,
        "properties": {one.name: {**_kind(one, [None]), "description": one.description} for one in parameters},
    }
    kinds = _FORMS[:1] if control.name == "loadSeed" else _FORMS
    return {"required": bool(required), "content": {kind: {"schema": schema} for kind in kinds}}


def _response(description: str, schema: str) -> Json:
    content: Json = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": description, "content": content}


_EVENTS: Json = {
    "operationId": "watchChanges",
    "summary": "Server-sent events: one whenever something has changed, with the time, the totals and the faults.",
    "responses": {"200": {"description": "A stream without an end.", "content": {"text/event-stream": {}}}},
}
