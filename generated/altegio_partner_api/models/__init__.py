"""Contains all the data models used in inputs/outputs"""

from .acknowledgement import Acknowledgement
from .connection_status import ConnectionStatus
from .installation_data import InstallationData
from .installation_found import InstallationFound
from .installation_log import InstallationLog
from .installation_payment import InstallationPayment
from .nothing_found import NothingFound
from .payment import Payment
from .payment_recorded import PaymentRecorded
from .recorded_payment import RecordedPayment
from .refusal import Refusal
from .refusal_meta import RefusalMeta
from .registration import Registration

__all__ = (
    "Acknowledgement",
    "ConnectionStatus",
    "InstallationData",
    "InstallationFound",
    "InstallationLog",
    "InstallationPayment",
    "NothingFound",
    "Payment",
    "PaymentRecorded",
    "RecordedPayment",
    "Refusal",
    "RefusalMeta",
    "Registration",
)
