from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="InstallationLog")


@_attrs_define
class InstallationLog:
    """A change of the status.

    Attributes:
        changed_at (str): When it changed. In which zone is unknown. Example: 2022-01-01 10:10:00.
        status_to (str): What it became. Example: active.
        status_from (Any | Unset): What it was. A word, or null where there was none.
        source (Any | Unset): What changed it. The possible values are unknown.
    """

    changed_at: str
    status_to: str
    status_from: Any | Unset = UNSET
    source: Any | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        changed_at = self.changed_at

        status_to = self.status_to

        status_from = self.status_from

        source = self.source

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "changed_at": changed_at,
                "status_to": status_to,
            }
        )
        if status_from is not UNSET:
            field_dict["status_from"] = status_from
        if source is not UNSET:
            field_dict["source"] = source

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        changed_at = d.pop("changed_at")

        status_to = d.pop("status_to")

        status_from = d.pop("status_from", UNSET)

        source = d.pop("source", UNSET)

        installation_log = cls(
            changed_at=changed_at,
            status_to=status_to,
            status_from=status_from,
            source=source,
        )

        installation_log.additional_properties = d
        return installation_log

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
