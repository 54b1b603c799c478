from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="EntityEvent")


@_attrs_define
class EntityEvent:
    """Something changed at a location. Not signed.

    Attributes:
        company_id (int): The location. Example: 123456.
        resource (str): What changed. Example: record.
        resource_id (int): Its number. For a schedule, the team member's. Example: 501.
        status (str): create, update or delete. Example: create.
        data (Any): The state of it: an object, or an empty array. Every field may be missing.
    """

    company_id: int
    resource: str
    resource_id: int
    status: str
    data: Any
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        company_id = self.company_id

        resource = self.resource

        resource_id = self.resource_id

        status = self.status

        data = self.data

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "company_id": company_id,
                "resource": resource,
                "resource_id": resource_id,
                "status": status,
                "data": data,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        company_id = d.pop("company_id")

        resource = d.pop("resource")

        resource_id = d.pop("resource_id")

        status = d.pop("status")

        data = d.pop("data")

        entity_event = cls(
            company_id=company_id,
            resource=resource,
            resource_id=resource_id,
            status=status,
            data=data,
        )

        entity_event.additional_properties = d
        return entity_event

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
