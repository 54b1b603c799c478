"""The methods of both clients, written by `nox -s generate`, never edited. A family is imported on first use."""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from altegio_partner.late_imports import late_imports

if TYPE_CHECKING:
    from . import dictionaries, marketplace, voip, webhooks
else:

    def __getattr__(name: str) -> ModuleType:
        if name in __all__:
            with late_imports:
                return import_module(f"{__name__}.{name}")
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = ["dictionaries", "marketplace", "voip", "webhooks"]
