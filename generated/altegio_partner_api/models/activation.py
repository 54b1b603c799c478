from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.channel import Channel
from ..types import UNSET, Unset

T = TypeVar("T", bound="Activation")


@_attrs_define
class Activation:
    """The settings of the partner's integration at one location.

    Attributes:
        salon_id (int): The location. Example: 123.
        application_id (int): The partner's application. Example: 123.
        api_key (str | Unset): The key by which the partner's service identifies the location. Example:
            2f181e2a-5c22-4ae7-9d9b-07104f312c28.
        webhook_urls (list[str] | Unset): Where Altegio is to send events of the location. New URLs must be https.
            Example: ['https://example.com/webhook'].
        channels (list[Channel] | Unset): For chat bots and SMS aggregators. Example: ['sms'].
        chat_url (str | Unset): Where the application's chat is. Known from the vendor's staff only. Example:
            https://example.com/chat.
        tips_url (str | Unset): Where tips are paid. Known from the vendor's staff only. Example:
            https://example.com/tips.
    """

    salon_id: int
    application_id: int
    api_key: str | Unset = UNSET
    webhook_urls: list[str] | Unset = UNSET
    channels: list[Channel] | Unset = UNSET
    chat_url: str | Unset = UNSET
    tips_url: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        salon_id = self.salon_id

        application_id = self.application_id

        api_key = self.api_key

        webhook_urls: list[str] | Unset = UNSET
        if not isinstance(self.webhook_urls, Unset):
            webhook_urls = self.webhook_urls

        channels: list[str] | Unset = UNSET
        if not isinstance(self.channels, Unset):
            channels = []
            for channels_item_data in self.channels:
                channels_item = channels_item_data.value
                channels.append(channels_item)

        chat_url = self.chat_url

        tips_url = self.tips_url

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "salon_id": salon_id,
                "application_id": application_id,
            }
        )
        if api_key is not UNSET:
            field_dict["api_key"] = api_key
        if webhook_urls is not UNSET:
            field_dict["webhook_urls"] = webhook_urls
        if channels is not UNSET:
            field_dict["channels"] = channels
        if chat_url is not UNSET:
            field_dict["chat_url"] = chat_url
        if tips_url is not UNSET:
            field_dict["tips_url"] = tips_url

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        salon_id = d.pop("salon_id")

        application_id = d.pop("application_id")

        api_key = d.pop("api_key", UNSET)

        webhook_urls = cast(list[str], d.pop("webhook_urls", UNSET))

        _channels = d.pop("channels", UNSET)
        channels: list[Channel] | Unset = UNSET
        if _channels is not UNSET:
            channels = []
            for channels_item_data in _channels:
                channels_item = Channel(channels_item_data)

                channels.append(channels_item)

        chat_url = d.pop("chat_url", UNSET)

        tips_url = d.pop("tips_url", UNSET)

        activation = cls(
            salon_id=salon_id,
            application_id=application_id,
            api_key=api_key,
            webhook_urls=webhook_urls,
            channels=channels,
            chat_url=chat_url,
            tips_url=tips_url,
        )

        activation.additional_properties = d
        return activation

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
