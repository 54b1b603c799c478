from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.call_type import CallType
from ..types import UNSET, Unset

T = TypeVar("T", bound="VoipCallEvent")


@_attrs_define
class VoipCallEvent:
    """Show a call. Of an outgoing or internal one, nothing is shown.

    Attributes:
        command (Literal['event']):
        type_ (CallType): The direction of a call.
        crm_token (str): The token from Telephony > Integration of the client's chain. Example:
            7cf262d6-1656-43f9-86ac-2826bdc125d2.
        phone (str): The caller's number. Example: +13155550175.
        diversion (str): The number that was called. Example: +13155550176.
        user (str | Unset): The subscriber in the telephone system. It wins over `diversion`. Example: 101.
    """

    command: Literal["event"]
    type_: CallType
    crm_token: str
    phone: str
    diversion: str
    user: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        command = self.command

        type_ = self.type_.value

        crm_token = self.crm_token

        phone = self.phone

        diversion = self.diversion

        user = self.user

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "command": command,
                "type": type_,
                "crm_token": crm_token,
                "phone": phone,
                "diversion": diversion,
            }
        )
        if user is not UNSET:
            field_dict["user"] = user

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        command = cast(Literal["event"], d.pop("command"))
        if command != "event":
            raise ValueError(f"command must match const 'event', got '{command}'")

        type_ = CallType(d.pop("type"))

        crm_token = d.pop("crm_token")

        phone = d.pop("phone")

        diversion = d.pop("diversion")

        user = d.pop("user", UNSET)

        voip_call_event = cls(
            command=command,
            type_=type_,
            crm_token=crm_token,
            phone=phone,
            diversion=diversion,
            user=user,
        )

        voip_call_event.additional_properties = d
        return voip_call_event

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
