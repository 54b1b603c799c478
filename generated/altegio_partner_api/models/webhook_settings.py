from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.webhook_url_settings import WebhookUrlSettings


T = TypeVar("T", bound="WebhookSettings")


@_attrs_define
class WebhookSettings:
    """The webhook settings of a location. Flags are 0 or 1; by the vendor's staff also false or true.

    Attributes:
        urls (list[str]): Where events go. One empty string where there is none. Example:
            ['https://example.com/webhook'].
        active (int | Unset): Whether events are sent. That of the first URL. Example: 1.
        salon (int | Unset): 1 or 0. Example: 1.
        service_category (int | Unset): 1 or 0. Example: 1.
        service (int | Unset): 1 or 0. Example: 1.
        good (int | Unset): 1 or 0. Example: 1.
        master (int | Unset): 1 or 0. Example: 1.
        client (int | Unset): 1 or 0. Example: 1.
        record (int | Unset): 1 or 0. Example: 1.
        goods_operations_sale (int | Unset): 1 or 0. Example: 1.
        goods_operations_receipt (int | Unset): 1 or 0. Example: 1.
        goods_operations_consumable (int | Unset): 1 or 0. Example: 1.
        goods_operations_stolen (int | Unset): 1 or 0. Example: 1.
        goods_operations_move (int | Unset): 1 or 0. Example: 1.
        finances_operation (int | Unset): 1 or 0. Example: 1.
        schedule (int | Unset): 1 or 0. Known from the vendor's staff only. Example: 1.
        loyalty_card (int | Unset): 1 or 0. Known from the vendor's staff only. Example: 1.
        self_sending (int | Unset): 1 where who made the webhook also gets the events of its own actions. Example: 0.
        company_id (int | Unset): The location. Example: 123.
        url_settings (list[WebhookUrlSettings] | Unset): The settings of each URL. Known from the vendor's staff only;
            older servers leave it out.
    """

    urls: list[str]
    active: int | Unset = UNSET
    salon: int | Unset = UNSET
    service_category: int | Unset = UNSET
    service: int | Unset = UNSET
    good: int | Unset = UNSET
    master: int | Unset = UNSET
    client: int | Unset = UNSET
    record: int | Unset = UNSET
    goods_operations_sale: int | Unset = UNSET
    goods_operations_receipt: int | Unset = UNSET
    goods_operations_consumable: int | Unset = UNSET
    goods_operations_stolen: int | Unset = UNSET
    goods_operations_move: int | Unset = UNSET
    finances_operation: int | Unset = UNSET
    schedule: int | Unset = UNSET
    loyalty_card: int | Unset = UNSET
    self_sending: int | Unset = UNSET
    company_id: int | Unset = UNSET
    url_settings: list[WebhookUrlSettings] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        urls = self.urls

        active = self.active

        salon = self.salon

        service_category = self.service_category

        service = self.service

        good = self.good

        master = self.master

        client = self.client

        record = self.record

        goods_operations_sale = self.goods_operations_sale

        goods_operations_receipt = self.goods_operations_receipt

        goods_operations_consumable = self.goods_operations_consumable

        goods_operations_stolen = self.goods_operations_stolen

        goods_operations_move = self.goods_operations_move

        finances_operation = self.finances_operation

        schedule = self.schedule

        loyalty_card = self.loyalty_card

        self_sending = self.self_sending

        company_id = self.company_id

        url_settings: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.url_settings, Unset):
            url_settings = []
            for url_settings_item_data in self.url_settings:
                url_settings_item = url_settings_item_data.to_dict()
                url_settings.append(url_settings_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "urls": urls,
            }
        )
        if active is not UNSET:
            field_dict["active"] = active
        if salon is not UNSET:
            field_dict["salon"] = salon
        if service_category is not UNSET:
            field_dict["service_category"] = service_category
        if service is not UNSET:
            field_dict["service"] = service
        if good is not UNSET:
            field_dict["good"] = good
        if master is not UNSET:
            field_dict["master"] = master
        if client is not UNSET:
            field_dict["client"] = client
        if record is not UNSET:
            field_dict["record"] = record
        if goods_operations_sale is not UNSET:
            field_dict["goods_operations_sale"] = goods_operations_sale
        if goods_operations_receipt is not UNSET:
            field_dict["goods_operations_receipt"] = goods_operations_receipt
        if goods_operations_consumable is not UNSET:
            field_dict["goods_operations_consumable"] = goods_operations_consumable
        if goods_operations_stolen is not UNSET:
            field_dict["goods_operations_stolen"] = goods_operations_stolen
        if goods_operations_move is not UNSET:
            field_dict["goods_operations_move"] = goods_operations_move
        if finances_operation is not UNSET:
            field_dict["finances_operation"] = finances_operation
        if schedule is not UNSET:
            field_dict["schedule"] = schedule
        if loyalty_card is not UNSET:
            field_dict["loyalty_card"] = loyalty_card
        if self_sending is not UNSET:
            field_dict["self_sending"] = self_sending
        if company_id is not UNSET:
            field_dict["company_id"] = company_id
        if url_settings is not UNSET:
            field_dict["url_settings"] = url_settings

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.webhook_url_settings import WebhookUrlSettings  # noqa: PLC0415

        d = dict(src_dict)
        urls = cast(list[str], d.pop("urls"))

        active = d.pop("active", UNSET)

        salon = d.pop("salon", UNSET)

        service_category = d.pop("service_category", UNSET)

        service = d.pop("service", UNSET)

        good = d.pop("good", UNSET)

        master = d.pop("master", UNSET)

        client = d.pop("client", UNSET)

        record = d.pop("record", UNSET)

        goods_operations_sale = d.pop("goods_operations_sale", UNSET)

        goods_operations_receipt = d.pop("goods_operations_receipt", UNSET)

        goods_operations_consumable = d.pop("goods_operations_consumable", UNSET)

        goods_operations_stolen = d.pop("goods_operations_stolen", UNSET)

        goods_operations_move = d.pop("goods_operations_move", UNSET)

        finances_operation = d.pop("finances_operation", UNSET)

        schedule = d.pop("schedule", UNSET)

        loyalty_card = d.pop("loyalty_card", UNSET)

        self_sending = d.pop("self_sending", UNSET)

        company_id = d.pop("company_id", UNSET)

        _url_settings = d.pop("url_settings", UNSET)
        url_settings: list[WebhookUrlSettings] | Unset = UNSET
        if _url_settings is not UNSET:
            url_settings = []
            for url_settings_item_data in _url_settings:
                url_settings_item = WebhookUrlSettings.from_dict(url_settings_item_data)

                url_settings.append(url_settings_item)

        webhook_settings = cls(
            urls=urls,
            active=active,
            salon=salon,
            service_category=service_category,
            service=service,
            good=good,
            master=master,
            client=client,
            record=record,
            goods_operations_sale=goods_operations_sale,
            goods_operations_receipt=goods_operations_receipt,
            goods_operations_consumable=goods_operations_consumable,
            goods_operations_stolen=goods_operations_stolen,
            goods_operations_move=goods_operations_move,
            finances_operation=finances_operation,
            schedule=schedule,
            loyalty_card=loyalty_card,
            self_sending=self_sending,
            company_id=company_id,
            url_settings=url_settings,
        )

        webhook_settings.additional_properties = d
        return webhook_settings

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
