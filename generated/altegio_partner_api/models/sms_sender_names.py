from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="SmsSenderNames")


@_attrs_define
class SmsSenderNames:
    """The names among which a location may choose the sender of its SMS.

    Attributes:
        salon_id (int): The location. Example: 123.
        application_id (int): The partner's application. Example: 123.
        short_names (list[str]): All of the names. Example: ['Salon'].
    """

    salon_id: int
    application_id: int
    short_names: list[str]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        salon_id = self.salon_id

        application_id = self.application_id

        short_names = self.short_names

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "salon_id": salon_id,
                "application_id": application_id,
                "short_names": short_names,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        salon_id = d.pop("salon_id")

        application_id = d.pop("application_id")

        short_names = cast(list[str], d.pop("short_names"))

        sms_sender_names = cls(
            salon_id=salon_id,
            application_id=application_id,
            short_names=short_names,
        )

        sms_sender_names.additional_properties = d
        return sms_sender_names

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
