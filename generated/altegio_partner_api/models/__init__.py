"""Contains all the data models used in inputs/outputs"""

from .acknowledgement import Acknowledgement
from .payment import Payment
from .payment_recorded import PaymentRecorded
from .recorded_payment import RecordedPayment
from .refusal import Refusal
from .refusal_meta import RefusalMeta
from .registration import Registration

__all__ = (
    "Acknowledgement",
    "Payment",
    "PaymentRecorded",
    "RecordedPayment",
    "Refusal",
    "RefusalMeta",
    "Registration",
)
