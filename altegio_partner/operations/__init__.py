"""The operations, one module for each family of endpoints: friendly values in, a description of the call out.

A family is imported on first use: its generated models take longer to import than the rest of the core.
"""

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
