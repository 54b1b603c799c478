from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="Call")


@_attrs_define
class Call:
    """A call.

    Attributes:
        id (int): Its number. Example: 8923525.
        client_id (int | Unset): The client; 0 where the caller is none. Example: 51342134.
        caller_phone (str | Unset): The caller's number. Example: +13155550175.
        record_link (str | Unset): The recording; empty where there is none.
        duration (int | Unset): Seconds. Example: 244.
        status (str | Unset): One of `CallStatus`, and perhaps others in the future. Example: success.
        type_ (str | Unset): One of `CallType`, and perhaps others in the future. Example: incoming.
        call_date (str | Unset): When it was. Example: 2026-01-17T23:52:21-05:00.
    """

    id: int
    client_id: int | Unset = UNSET
    caller_phone: str | Unset = UNSET
    record_link: str | Unset = UNSET
    duration: int | Unset = UNSET
    status: str | Unset = UNSET
    type_: str | Unset = UNSET
    call_date: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = self.id

        client_id = self.client_id

        caller_phone = self.caller_phone

        record_link = self.record_link

        duration = self.duration

        status = self.status

        type_ = self.type_

        call_date = self.call_date

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
            }
        )
        if client_id is not UNSET:
            field_dict["client_id"] = client_id
        if caller_phone is not UNSET:
            field_dict["caller_phone"] = caller_phone
        if record_link is not UNSET:
            field_dict["record_link"] = record_link
        if duration is not UNSET:
            field_dict["duration"] = duration
        if status is not UNSET:
            field_dict["status"] = status
        if type_ is not UNSET:
            field_dict["type"] = type_
        if call_date is not UNSET:
            field_dict["call_date"] = call_date

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = d.pop("id")

        client_id = d.pop("client_id", UNSET)

        caller_phone = d.pop("caller_phone", UNSET)

        record_link = d.pop("record_link", UNSET)

        duration = d.pop("duration", UNSET)

        status = d.pop("status", UNSET)

        type_ = d.pop("type", UNSET)

        call_date = d.pop("call_date", UNSET)

        call = cls(
            id=id,
            client_id=client_id,
            caller_phone=caller_phone,
            record_link=record_link,
            duration=duration,
            status=status,
            type_=type_,
            call_date=call_date,
        )

        call.additional_properties = d
        return call

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
