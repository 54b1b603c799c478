from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.call_type import CallType
from ..models.recorded_call_status import RecordedCallStatus
from ..types import UNSET, Unset

T = TypeVar("T", bound="VoipCallRecord")


@_attrs_define
class VoipCallRecord:
    """Add a call to the history.

    Attributes:
        command (Literal['history']):
        type_ (CallType): The direction of a call.
        crm_token (str): The token from Telephony > Integration of the client's chain. Example:
            7cf262d6-1656-43f9-86ac-2826bdc125d2.
        phone (str): The caller's number. Example: +13155550175.
        diversion (str): The number that was called. Example: +13155550176.
        user (str | Unset): The subscriber in the telephone system. It wins over `diversion`. Example: 101.
        duration (int | Unset): Seconds. Example: 90.
        link (str | Unset): The recording. Example: https://external.call.storage/call_record.mp3.
        call_id (str | Unset): The call's id in the telephone system. Example: 1.
        status (RecordedCallStatus | Unset): How a call ended, of what a telephone system can report.
        date (str | Unset): When the call was, ISO 8601 with an offset. Example: 2026-09-01T14:40:28-05:00.
    """

    command: Literal["history"]
    type_: CallType
    crm_token: str
    phone: str
    diversion: str
    user: str | Unset = UNSET
    duration: int | Unset = UNSET
    link: str | Unset = UNSET
    call_id: str | Unset = UNSET
    status: RecordedCallStatus | Unset = UNSET
    date: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        command = self.command

        type_ = self.type_.value

        crm_token = self.crm_token

        phone = self.phone

        diversion = self.diversion

        user = self.user

        duration = self.duration

        link = self.link

        call_id = self.call_id

        status: str | Unset = UNSET
        if not isinstance(self.status, Unset):
            status = self.status.value

        date = self.date

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
        if duration is not UNSET:
            field_dict["duration"] = duration
        if link is not UNSET:
            field_dict["link"] = link
        if call_id is not UNSET:
            field_dict["call_id"] = call_id
        if status is not UNSET:
            field_dict["status"] = status
        if date is not UNSET:
            field_dict["date"] = date

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        command = cast(Literal["history"], d.pop("command"))
        if command != "history":
            raise ValueError(f"command must match const 'history', got '{command}'")

        type_ = CallType(d.pop("type"))

        crm_token = d.pop("crm_token")

        phone = d.pop("phone")

        diversion = d.pop("diversion")

        user = d.pop("user", UNSET)

        duration = d.pop("duration", UNSET)

        link = d.pop("link", UNSET)

        call_id = d.pop("call_id", UNSET)

        _status = d.pop("status", UNSET)
        status: RecordedCallStatus | Unset
        if isinstance(_status, Unset):
            status = UNSET
        else:
            status = RecordedCallStatus(_status)

        date = d.pop("date", UNSET)

        voip_call_record = cls(
            command=command,
            type_=type_,
            crm_token=crm_token,
            phone=phone,
            diversion=diversion,
            user=user,
            duration=duration,
            link=link,
            call_id=call_id,
            status=status,
            date=date,
        )

        voip_call_record.additional_properties = d
        return voip_call_record

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
