"""Contains all the data models used in inputs/outputs"""

from .accepted import Accepted
from .accepted_media_type import AcceptedMediaType
from .acknowledgement import Acknowledgement
from .activation import Activation
from .application_callback import ApplicationCallback
from .business_group import BusinessGroup
from .business_groups import BusinessGroups
from .business_type import BusinessType
from .call import Call
from .call_status import CallStatus
from .call_type import CallType
from .calls import Calls
from .calls_query import CallsQuery
from .channel import Channel
from .channel_availability import ChannelAvailability
from .cities import Cities
from .city import City
from .connection_status import ConnectionStatus
from .countries import Countries
from .country import Country
from .discount import Discount
from .entity_event import EntityEvent
from .installation_data import InstallationData
from .installation_found import InstallationFound
from .installation_log import InstallationLog
from .installation_payment import InstallationPayment
from .location import Location
from .locations import Locations
from .nothing_found import NothingFound
from .payment import Payment
from .payment_link import PaymentLink
from .payment_link_found import PaymentLinkFound
from .payment_recorded import PaymentRecorded
from .recorded_call_status import RecordedCallStatus
from .recorded_payment import RecordedPayment
from .refusal import Refusal
from .refusal_meta import RefusalMeta
from .registration import Registration
from .sms_sender_names import SmsSenderNames
from .tariff import Tariff
from .tariff_option import TariffOption
from .tariffs import Tariffs
from .voip_call_event import VoipCallEvent
from .voip_call_record import VoipCallRecord
from .voip_disable import VoipDisable
from .voip_enable import VoipEnable
from .webhook_settings import WebhookSettings
from .webhook_settings_found import WebhookSettingsFound
from .webhook_settings_update import WebhookSettingsUpdate
from .webhook_url_settings import WebhookUrlSettings

__all__ = (
    "Accepted",
    "AcceptedMediaType",
    "Acknowledgement",
    "Activation",
    "ApplicationCallback",
    "BusinessGroup",
    "BusinessGroups",
    "BusinessType",
    "Call",
    "Calls",
    "CallsQuery",
    "CallStatus",
    "CallType",
    "Channel",
    "ChannelAvailability",
    "Cities",
    "City",
    "ConnectionStatus",
    "Countries",
    "Country",
    "Discount",
    "EntityEvent",
    "InstallationData",
    "InstallationFound",
    "InstallationLog",
    "InstallationPayment",
    "Location",
    "Locations",
    "NothingFound",
    "Payment",
    "PaymentLink",
    "PaymentLinkFound",
    "PaymentRecorded",
    "RecordedCallStatus",
    "RecordedPayment",
    "Refusal",
    "RefusalMeta",
    "Registration",
    "SmsSenderNames",
    "Tariff",
    "TariffOption",
    "Tariffs",
    "VoipCallEvent",
    "VoipCallRecord",
    "VoipDisable",
    "VoipEnable",
    "WebhookSettings",
    "WebhookSettingsFound",
    "WebhookSettingsUpdate",
    "WebhookUrlSettings",
)
