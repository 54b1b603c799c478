"""What answers mean that more than one family gets."""

from typing import Any

from altegio_partner_api.models import Acknowledgement

from altegio_partner.error_body import find_errors

EMPTY = (200, 201, 204)
"""The statuses with which Altegio confirms what it answers without a body."""


def acknowledged(answer: dict[str, Any]) -> None:
    """Raise unless the answer says that it was a success: that it does not say the opposite was checked before."""
    Acknowledgement.from_dict(answer)
    if find_errors(answer):
        raise ValueError("errors beside success")
