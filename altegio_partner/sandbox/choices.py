"""The choices that the sandbox makes where Altegio's behavior is unknown. `docs/sandbox-limits.md` lists them all."""

from collections.abc import Mapping
from typing import Literal, get_args

ChoiceName = Literal[
    "ids_as_text",
    "fractional_ids",
    "null_for_optional",
    "numeric_api_key",
    "sum_as_text",
    "large_sum",
    "lower_case_currency",
    "other_dates",
    "flags_as_words",
    "scheme_case",
    "needless_user_token",
    "missing_accept",
    "content_type",
    "trailing_slash",
    "missing_page",
    "fields_without_422",
    "payment_while_not_installed",
    "unknown_payment",
    "second_refund",
    "unknown_tariff_option",
    "channel_while_not_installed",
    "names_while_not_installed",
    "too_many_webhooks",
    "settings_without_access",
]
"""The choices to reject a call. Choices that reject nothing are listed in the docs only."""
CHOICE_NAMES: tuple[ChoiceName, ...] = get_args(ChoiceName)

LENIENT: Mapping[ChoiceName, str] = {
    "ids_as_text": '`"123"` is 123',
    "fractional_ids": "`123.0` is 123, also in a path",
    "null_for_optional": "`null` is the same as leaving the field out",
    "numeric_api_key": '`5` is `"5"`',
    "sum_as_text": '`"990.99"` is 990.99',
    "large_sum": "any sum up to PHP's largest integer",
    "lower_case_currency": "`eur` is EUR",
    "other_dates": "`2022-01-01T10:10:00`, `2022-01-01` and February 30, which is March 2",
    "flags_as_words": '`true`, `1` and `"1"` are the same, as are `false`, `0` and `"0"`',
    "scheme_case": "`bearer` is `Bearer`",
    "needless_user_token": "`, User …` is ignored",
    "missing_accept": "any `Accept`",
    "content_type": "any type for a JSON object, and forms",
    "trailing_slash": "`…/payment/` is `…/payment`",
    "missing_page": "page 1 of 100",
}
"""What `--lenient` accepts, as PHP would. The other choices still reject."""
