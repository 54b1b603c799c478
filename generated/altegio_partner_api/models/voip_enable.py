from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="VoipEnable")


@_attrs_define
class VoipEnable:
    """Enable the telephony of a chain.

    Attributes:
        command (Literal['setup']):
        type_ (Literal['enable']):
        crm_token (str): The token from Telephony > Integration of the client's chain. Example:
            7cf262d6-1656-43f9-86ac-2826bdc125d2.
    """

    command: Literal["setup"]
    type_: Literal["enable"]
    crm_token: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        command = self.command

        type_ = self.type_

        crm_token = self.crm_token

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "command": command,
                "type": type_,
                "crm_token": crm_token,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        command = cast(Literal["setup"], d.pop("command"))
        if command != "setup":
            raise ValueError(f"command must match const 'setup', got '{command}'")

        type_ = cast(Literal["enable"], d.pop("type"))
        if type_ != "enable":
            raise ValueError(f"type must match const 'enable', got '{type_}'")

        crm_token = d.pop("crm_token")

        voip_enable = cls(
            command=command,
            type_=type_,
            crm_token=crm_token,
        )

        voip_enable.additional_properties = d
        return voip_enable

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
