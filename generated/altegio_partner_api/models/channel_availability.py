from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.channel import Channel

T = TypeVar("T", bound="ChannelAvailability")


@_attrs_define
class ChannelAvailability:
    """Whether a location can send through a channel.

    Attributes:
        salon_id (int): The location. Example: 123.
        application_id (int): The partner's application. Example: 123.
        channel_slug (Channel): A messaging channel.
        is_available (bool): Whether it can. Example: True.
    """

    salon_id: int
    application_id: int
    channel_slug: Channel
    is_available: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        salon_id = self.salon_id

        application_id = self.application_id

        channel_slug = self.channel_slug.value

        is_available = self.is_available

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "salon_id": salon_id,
                "application_id": application_id,
                "channel_slug": channel_slug,
                "is_available": is_available,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        salon_id = d.pop("salon_id")

        application_id = d.pop("application_id")

        channel_slug = Channel(d.pop("channel_slug"))

        is_available = d.pop("is_available")

        channel_availability = cls(
            salon_id=salon_id,
            application_id=application_id,
            channel_slug=channel_slug,
            is_available=is_available,
        )

        channel_availability.additional_properties = d
        return channel_availability

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
