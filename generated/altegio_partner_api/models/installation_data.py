from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.connection_status import ConnectionStatus
    from ..models.installation_log import InstallationLog
    from ..models.installation_payment import InstallationPayment


T = TypeVar("T", bound="InstallationData")


@_attrs_define
class InstallationData:
    """How the application stands at a location.

    Attributes:
        connection_status (ConnectionStatus): Whether the application is active.
        payments (list[InstallationPayment]): What was paid for the application at this location.
        logs (list[InstallationLog] | None | Unset): How the status changed.
    """

    connection_status: ConnectionStatus
    payments: list[InstallationPayment]
    logs: list[InstallationLog] | None | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        connection_status = self.connection_status.to_dict()

        payments = []
        for payments_item_data in self.payments:
            payments_item = payments_item_data.to_dict()
            payments.append(payments_item)

        logs: list[dict[str, Any]] | None | Unset
        if isinstance(self.logs, Unset):
            logs = UNSET
        elif isinstance(self.logs, list):
            logs = []
            for logs_type_0_item_data in self.logs:
                logs_type_0_item = logs_type_0_item_data.to_dict()
                logs.append(logs_type_0_item)

        else:
            logs = self.logs

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "connection_status": connection_status,
                "payments": payments,
            }
        )
        if logs is not UNSET:
            field_dict["logs"] = logs

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.connection_status import ConnectionStatus  # noqa: PLC0415
        from ..models.installation_log import InstallationLog  # noqa: PLC0415
        from ..models.installation_payment import InstallationPayment  # noqa: PLC0415

        d = dict(src_dict)
        connection_status = ConnectionStatus.from_dict(d.pop("connection_status"))

        payments = []
        _payments = d.pop("payments")
        for payments_item_data in _payments:
            payments_item = InstallationPayment.from_dict(payments_item_data)

            payments.append(payments_item)

        def _parse_logs(data: object) -> list[InstallationLog] | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                logs_type_0 = []
                _logs_type_0 = data
                for logs_type_0_item_data in _logs_type_0:
                    logs_type_0_item = InstallationLog.from_dict(logs_type_0_item_data)

                    logs_type_0.append(logs_type_0_item)

                return logs_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[InstallationLog] | None | Unset, data)

        logs = _parse_logs(d.pop("logs", UNSET))

        installation_data = cls(
            connection_status=connection_status,
            payments=payments,
            logs=logs,
        )

        installation_data.additional_properties = d
        return installation_data

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
