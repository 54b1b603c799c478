"""The methods of both clients, written by `nox -s generate` from operations/marketplace.py. Do not edit."""

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal

from altegio_partner import methods, operations
from altegio_partner.installation import Installation
from altegio_partner.operations.performer import AsyncPerformer, Performer
from altegio_partner.redaction import hide_locals
from altegio_partner.values.locations import Location
from altegio_partner.values.tariffs import Tariff


class MarketplaceMethods(Performer):
    """Installations, payments, locations and tariffs of your application."""

    @property
    def dictionaries(self) -> "methods.dictionaries.DictionariesMethods":
        """Countries, cities and kinds of business, with their ids."""
        return methods.dictionaries.DictionariesMethods(self._settings, self)

    @property
    def voip(self) -> "methods.voip.VoipMethods":
        """Show an incoming telephone call, save one in the history of a location, and list them."""
        return methods.voip.VoipMethods(self._settings, self)

    @property
    def webhooks(self) -> "methods.webhooks.WebhooksMethods":
        """The webhook settings of a location, by which URLs get events. They need a user token."""
        return methods.webhooks.WebhooksMethods(self._settings, self)

    def complete_registration(
        self, *, salon_id: int, api_key: str | None = None, webhook_urls: Sequence[str] | None = None
    ) -> str | None:
        """Report that a location has registered with your service, and activate the application there.

        Altegio calls it "Redirect URL after user registration with the partner service". The location's owner must
        have clicked Connect in the marketplace, at most 12 hours before.

        Args:
            salon_id: The location.
            api_key: The API key that your service uses for the location. Not sent if None.
            webhook_urls: The URLs that get the location's events: at most 10 https URLs. Not sent if None.

        Returns:
            The URL to redirect the owner's browser to, from the `Location` of Altegio's 301, with your tokens masked;
            None if there is none. Never fetch it from your server. Which page it leads to is unknown.

        Raises:
            ValueError: An argument is invalid. Nothing was sent.
            AlreadyInstalledError: The application is already active there. Nothing was changed; nothing is left to do.
            NotSentError: Altegio was not reached. Call again.
            RejectedError: Altegio rejected it. Fix the problem that the error describes.
            OutcomeUnknownError: The settings may have been saved. Call again: if so, that raises AlreadyInstalledError.
        """
        with hide_locals():
            call = operations.marketplace.complete_registration(
                self._settings, salon_id=salon_id, api_key=api_key, webhook_urls=webhook_urls
            )
        del salon_id, api_key, webhook_urls
        return self.perform(call)

    def activate(
        self,
        *,
        salon_id: int,
        api_key: str | None = None,
        webhook_urls: Sequence[str] | None = None,
        channels: Sequence[Literal["sms", "whatsapp"]] | None = None,
        chat_url: str | None = None,
        tips_url: str | None = None,
    ) -> None:
        """Activate the application at a location, without a further page of Altegio for its owner.

        The same as `complete_registration`, without a redirect. Arguments that are None are not sent.

        Args:
            salon_id: The location. Its owner must have clicked Connect in the marketplace before.
            api_key: The API key that your service uses for the location.
            webhook_urls: The URLs that get the location's events: at most 10 https URLs.
            channels: "sms", "whatsapp" or both, for chat bots and SMS aggregators.
            chat_url: The URL of your chat. Not documented, but used by Altegio's staff.
            tips_url: The URL where tips are paid. Not documented, but used by Altegio's staff.

        Raises:
            ValueError: An argument is invalid. Nothing was sent.
            AlreadyInstalledError: The application is already active there. Nothing was changed; nothing is left to do.
            NotSentError: Altegio was not reached. Call again.
            RejectedError: Altegio rejected it. Fix the problem that the error describes.
            OutcomeUnknownError: The settings may have been saved. Call again: if so, that raises AlreadyInstalledError.
        """
        with hide_locals():
            call = operations.marketplace.activate(
                self._settings,
                salon_id=salon_id,
                api_key=api_key,
                webhook_urls=webhook_urls,
                channels=channels,
                chat_url=chat_url,
                tips_url=tips_url,
            )
        del salon_id, api_key, webhook_urls, channels, chat_url, tips_url
        return self.perform(call)

    def notify_payment(
        self,
        *,
        salon_id: int,
        payment_sum: Decimal | int | str,
        currency_iso: str,
        payment_date: datetime,
        period_from: datetime,
        period_to: datetime,
        idempotency_key: str | None = None,
    ) -> int:
        """Report that a location has paid you for a period.

        Altegio calls it "Notify Altegio of Successful Payment". A payment can unfreeze the application. Reporting
        the same payment twice probably records it twice: the Altegio API does not support idempotency keys.

        Args:
            salon_id: The location.
            payment_sum: The amount, in major units of the currency: "990.99" is 990 euros and 99 cents. Not a float.
            currency_iso: The currency, three capital letters of ISO 4217. Which ones Altegio accepts is unknown.
            payment_date: When it paid. Naive datetimes are sent unchanged, aware ones in the client's `timezone`;
                microseconds are dropped. Which time zone Altegio assumes is unknown.
            period_from: The beginning of the paid period, inclusive.
            period_to: The end of the paid period, inclusive, and after `period_from`.
            idempotency_key: Identifies this payment, such as its invoice number, in at most 255 characters. Only for
                clients with a `ledger`: a payment with the same key is then reported only once.

        Returns:
            The payment's id. Store it, because it is returned only here, and `notify_refund` needs it.

        Raises:
            ValueError: An argument is invalid, or this key was used for a different payment. Nothing was sent.
            NotSentError: Altegio was not reached, nothing was recorded. Call again.
            RejectedError: Altegio rejected it, nothing was recorded. Fix the problem that the error describes.
            OutcomeUnknownError: The payment may have been recorded. Look in Altegio before calling again. With a
                ledger, call again with the same key: the payment is looked up before it is sent.
        """
        with hide_locals():
            call = operations.marketplace.notify_payment(
                self._settings,
                salon_id=salon_id,
                payment_sum=payment_sum,
                currency_iso=currency_iso,
                payment_date=payment_date,
                period_from=period_from,
                period_to=period_to,
                idempotency_key=idempotency_key,
            )
        del salon_id, payment_sum, currency_iso, payment_date, period_from, period_to, idempotency_key
        return self.perform(call)

    def notify_refund(self, payment_id: int) -> None:
        """Report that you have refunded a payment in full.

        Altegio calls it "Chargeback Notice". There are no partial refunds. What a second refund does is unknown; with
        the client's `ledger`, it is not sent.

        Args:
            payment_id: The payment, as `notify_payment` returned it.

        Raises:
            ValueError: The id is not a positive integer. Nothing was sent.
            NotSentError: Altegio was not reached, nothing was recorded. Call again.
            RejectedError: Altegio rejected it, nothing was recorded. Fix the problem that the error describes.
            OutcomeUnknownError: The refund may have been recorded. Look in Altegio before calling again. With a ledger,
                call again: the refund is looked up before it is sent.
        """
        with hide_locals():
            call = operations.marketplace.notify_refund(self._settings, payment_id)
        del payment_id
        return self.perform(call)

    def get_installation(self, *, salon_id: int) -> Installation:
        """Return the status of your application at a location, and the payments for it.

        Altegio calls it the status of the application. It is cached for 5 minutes to an hour: a payment that was just
        recorded may be missing. Reading changes nothing, so any failure except a rejection is retried, up to
        `max_retries` times.

        Args:
            salon_id: The location.

        Raises:
            ValueError: The id is not a positive integer. Nothing was sent.
            NotFoundError: The application is not installed at this location.
            RejectedError: Altegio rejected it. Fix the problem that the error describes.
            NotSentError, OutcomeUnknownError: There is no result. Call again.
        """
        with hide_locals():
            call = operations.marketplace.get_installation(self._settings, salon_id=salon_id)
        del salon_id
        return self.perform(call)

    def list_locations(self, *, page: int = 1, count: int = 100) -> list[Location]:
        """Return one page of the locations that have connected your application.

        Altegio returns no total. Whether it lists locations in all states is unknown: see `get_installation`.

        Args:
            page: The number of the page. The first page is probably 1.
            count: The number of locations on a page, at most 1000. The last page has fewer. A response of more than
                1 MiB is not read.

        Raises:
            ValueError: An argument is invalid. Nothing was sent.
            RejectedError: Altegio rejected it. Fix the problem that the error describes.
            NotSentError, OutcomeUnknownError: There is no result. Call again.
        """
        with hide_locals():
            call = operations.marketplace.list_locations(self._settings, page=page, count=count)
        del page, count
        return self.perform(call)

    def iter_locations(self, *, count: int = 100) -> Iterator[Location]:
        """Iterate over all locations that have connected your application, each once.

        Pages are read when they are needed, with `list_locations`. Page 0 is read last, and may be rejected, because it
        is not documented whether Altegio counts from 0 or 1.

        Args:
            count: How many locations are read at a time, at most 1000.

        Raises:
            ValueError: An argument is invalid. Nothing was sent.
            AltegioError: A page could not be read, as with `list_locations`. Start over.
        """
        with hide_locals():
            walk = operations.marketplace.iter_locations(self._settings, count=count)
        del count
        return walk.items(self.perform)

    def list_tariffs(self) -> list[Tariff]:
        """Return the tariffs of your application, from which a location chooses when it pays through Altegio.

        You create them in the Developer Cabinet. The list is empty if there are none.

        Raises:
            RejectedError: Altegio rejected it. Fix the problem that the error describes.
            NotSentError, OutcomeUnknownError: There is no result. Call again.
        """
        with hide_locals():
            call = operations.marketplace.list_tariffs(self._settings)
        return self.perform(call)

    def set_discount(self, *, salon_ids: Sequence[int], discount: Decimal | int | str) -> None:
        """Set the discount that locations get when they pay for your application through Altegio.

        Altegio calls it "add discount". You cannot read it back. It is unknown whether the call fails for all locations
        if one does not have your application, and whether 0 removes a discount.

        Args:
            salon_ids: The locations, at most 1000.
            discount: The discount in percent, or an amount, depending on the application's configuration. Not a float.

        Raises:
            ValueError: An argument is invalid. Nothing was sent.
            NotSentError: Altegio was not reached, nothing was changed. Call again.
            RejectedError: Altegio rejected it, nothing was changed. Fix the problem that the error describes.
            OutcomeUnknownError: It may have been changed. Calling again is harmless.
        """
        with hide_locals():
            call = operations.marketplace.set_discount(self._settings, salon_ids=salon_ids, discount=discount)
        del salon_ids, discount
        return self.perform(call)

    def get_payment_link(
        self, *, salon_id: int, discount: Decimal | int | str | None = None, tariff_option_id: int | None = None
    ) -> str:
        """Return the URL where a location can pay for your application through Altegio.

        Altegio then sends you a callback, see `altegio_partner.incoming`. Do not report the payment with
        `notify_payment`. Use the URL unchanged, because it is signed. How long it is valid is unknown.

        Args:
            salon_id: The location.
            discount: A discount in percent. Not a float.
            tariff_option_id: The tariff option, see `list_tariffs`. Undocumented, but required by Altegio's own client.

        Raises:
            ValueError: An argument is invalid. Nothing was sent.
            NotFoundError: The application is not installed there, or has no tariffs.
            RejectedError: Altegio rejected it. Fix the problem that the error describes.
            NotSentError, OutcomeUnknownError: There is no result. Call again.
        """
        with hide_locals():
            call = operations.marketplace.get_payment_link(
                self._settings, salon_id=salon_id, discount=discount, tariff_option_id=tariff_option_id
            )
        del salon_id, discount, tariff_option_id
        return self.perform(call)

    def set_channel_availability(
        self, *, salon_id: int, channel: Literal["sms", "whatsapp"], is_available: bool
    ) -> None:
        """Set whether a location can send messages through a channel.

        Altegio calls it "update channel". It is for chat bots and SMS aggregators only. You cannot read it back.

        Args:
            salon_id: The location.
            channel: "sms" or "whatsapp".
            is_available: Whether it can.

        Raises:
            ValueError: An argument is invalid. Nothing was sent.
            NotSentError: Altegio was not reached, nothing was changed. Call again.
            RejectedError: Altegio rejected it, nothing was changed. Fix the problem that the error describes.
            OutcomeUnknownError: It may have been changed. Calling again is harmless.
        """
        with hide_locals():
            call = operations.marketplace.set_channel_availability(
                self._settings, salon_id=salon_id, channel=channel, is_available=is_available
            )
        del salon_id, channel, is_available
        return self.perform(call)

    def set_sms_sender_names(self, *, salon_id: int, short_names: Sequence[str]) -> None:
        """Set the sender names that a location can choose from for its SMS.

        For SMS aggregators. Pass all names, because the list probably replaces the old one. You cannot read it back.
        Altegio's own client rejects Cyrillic letters, "ag", and names that contain "altegio".

        Args:
            salon_id: The location.
            short_names: The names, 1 to 20.

        Raises:
            ValueError: An argument is invalid. Nothing was sent.
            NotSentError: Altegio was not reached, nothing was changed. Call again.
            RejectedError: Altegio rejected it, nothing was changed. Fix the problem that the error describes.
            OutcomeUnknownError: It may have been changed. Calling again is harmless.
        """
        with hide_locals():
            call = operations.marketplace.set_sms_sender_names(
                self._settings, salon_id=salon_id, short_names=short_names
            )
        del salon_id, short_names
        return self.perform(call)

    def uninstall(self, *, salon_id: int) -> None:
        """Remove your application from a location, with its settings, its access and its webhooks.

        Only the location's owner can connect it again. Altegio may then send you the callback `uninstall`.

        Args:
            salon_id: The location.

        Raises:
            ValueError: The id is not a positive integer. Nothing was sent.
            NotSentError: Altegio was not reached, nothing was changed. Call again.
            NotFoundError: The application is not installed there, or no longer.
            RejectedError: Altegio rejected it, nothing was changed. Fix the problem that the error describes.
            OutcomeUnknownError: It may have been removed. Calling again is harmless.
        """
        with hide_locals():
            call = operations.marketplace.uninstall(self._settings, salon_id=salon_id)
        del salon_id
        return self.perform(call)

    def reconcile(
        self, idempotency_key: str, *, operation: Literal["notify_payment", "notify_refund"] = "notify_payment"
    ) -> int | None:
        """Find out whether a payment whose outcome is unknown was recorded. Nothing is reported to Altegio.

        The payment is looked up in the client's `ledger`, then in Altegio: by its amount, dates and currency, among the
        payments of the location that belong to no other key. This is not an operation of Altegio's API.

        Args:
            idempotency_key: The key of the payment. That of a refund is the id of the payment, as text.
            operation: The method that was called, as in `ledger.pending()`.

        Returns:
            The payment's id, or None if Altegio does not have it. The next call with this key is then sent.

        Raises:
            ValueError: The ledger has no such key for this application, or the client has no ledger.
            UndecidedError: The outcome is not known, or not yet known. The error says what to do.
            NotSentError, RejectedError, OutcomeUnknownError: The look-up failed. Fix the problem, then call again.
        """
        with hide_locals():
            call = operations.marketplace.reconcile(self._settings, idempotency_key, operation=operation)
        del idempotency_key, operation
        return self.perform(call)


class AsyncMarketplaceMethods(AsyncPerformer):
    """Installations, payments, locations and tariffs of your application. As coroutines."""

    @property
    def dictionaries(self) -> "methods.dictionaries.AsyncDictionariesMethods":
        """Countries, cities and kinds of business, with their ids."""
        return methods.dictionaries.AsyncDictionariesMethods(self._settings, self)

    @property
    def voip(self) -> "methods.voip.AsyncVoipMethods":
        """Show an incoming telephone call, save one in the history of a location, and list them."""
        return methods.voip.AsyncVoipMethods(self._settings, self)

    @property
    def webhooks(self) -> "methods.webhooks.AsyncWebhooksMethods":
        """The webhook settings of a location, by which URLs get events. They need a user token."""
        return methods.webhooks.AsyncWebhooksMethods(self._settings, self)

    async def complete_registration(
        self, *, salon_id: int, api_key: str | None = None, webhook_urls: Sequence[str] | None = None
    ) -> str | None:
        """Report that a location has registered with your service, and activate the application there.

        Altegio calls it "Redirect URL after user registration with the partner service". The location's owner must
        have clicked Connect in the marketplace, at most 12 hours before.

        Args:
            salon_id: The location.
            api_key: The API key that your service uses for the location. Not sent if None.
            webhook_urls: The URLs that get the location's events: at most 10 https URLs. Not sent if None.

        Returns:
            The URL to redirect the owner's browser to, from the `Location` of Altegio's 301, with your tokens masked;
            None if there is none. Never fetch it from your server. Which page it leads to is unknown.

        Raises:
            ValueError: An argument is invalid. Nothing was sent.
            AlreadyInstalledError: The application is already active there. Nothing was changed; nothing is left to do.
            NotSentError: Altegio was not reached. Call again.
            RejectedError: Altegio rejected it. Fix the problem that the error describes.
            OutcomeUnknownError: The settings may have been saved. Call again: if so, that raises AlreadyInstalledError.
        """
        with hide_locals():
            call = operations.marketplace.complete_registration(
                self._settings, salon_id=salon_id, api_key=api_key, webhook_urls=webhook_urls
            )
        del salon_id, api_key, webhook_urls
        return await self.perform(call)

    async def activate(
        self,
        *,
        salon_id: int,
        api_key: str | None = None,
        webhook_urls: Sequence[str] | None = None,
        channels: Sequence[Literal["sms", "whatsapp"]] | None = None,
        chat_url: str | None = None,
        tips_url: str | None = None,
    ) -> None:
        """Activate the application at a location, without a further page of Altegio for its owner.

        The same as `complete_registration`, without a redirect. Arguments that are None are not sent.

        Args:
            salon_id: The location. Its owner must have clicked Connect in the marketplace before.
            api_key: The API key that your service uses for the location.
            webhook_urls: The URLs that get the location's events: at most 10 https URLs.
            channels: "sms", "whatsapp" or both, for chat bots and SMS aggregators.
            chat_url: The URL of your chat. Not documented, but used by Altegio's staff.
            tips_url: The URL where tips are paid. Not documented, but used by Altegio's staff.

        Raises:
            ValueError: An argument is invalid. Nothing was sent.
            AlreadyInstalledError: The application is already active there. Nothing was changed; nothing is left to do.
            NotSentError: Altegio was not reached. Call again.
            RejectedError: Altegio rejected it. Fix the problem that the error describes.
            OutcomeUnknownError: The settings may have been saved. Call again: if so, that raises AlreadyInstalledError.
        """
        with hide_locals():
            call = operations.marketplace.activate(
                self._settings,
                salon_id=salon_id,
                api_key=api_key,
                webhook_urls=webhook_urls,
                channels=channels,
                chat_url=chat_url,
                tips_url=tips_url,
            )
        del salon_id, api_key, webhook_urls, channels, chat_url, tips_url
        return await self.perform(call)

    async def notify_payment(
        self,
        *,
        salon_id: int,
        payment_sum: Decimal | int | str,
        currency_iso: str,
        payment_date: datetime,
        period_from: datetime,
        period_to: datetime,
        idempotency_key: str | None = None,
    ) -> int:
        """Report that a location has paid you for a period.

        Altegio calls it "Notify Altegio of Successful Payment". A payment can unfreeze the application. Reporting
        the same payment twice probably records it twice: the Altegio API does not support idempotency keys.

        Args:
            salon_id: The location.
            payment_sum: The amount, in major units of the currency: "990.99" is 990 euros and 99 cents. Not a float.
            currency_iso: The currency, three capital letters of ISO 4217. Which ones Altegio accepts is unknown.
            payment_date: When it paid. Naive datetimes are sent unchanged, aware ones in the client's `timezone`;
                microseconds are dropped. Which time zone Altegio assumes is unknown.
            period_from: The beginning of the paid period, inclusive.
            period_to: The end of the paid period, inclusive, and after `period_from`.
            idempotency_key: Identifies this payment, such as its invoice number, in at most 255 characters. Only for
                clients with a `ledger`: a payment with the same key is then reported only once.

        Returns:
            The payment's id. Store it, because it is returned only here, and `notify_refund` needs it.

        Raises:
            ValueError: An argument is invalid, or this key was used for a different payment. Nothing was sent.
            NotSentError: Altegio was not reached, nothing was recorded. Call again.
            RejectedError: Altegio rejected it, nothing was recorded. Fix the problem that the error describes.
            OutcomeUnknownError: The payment may have been recorded. Look in Altegio before calling again. With a
                ledger, call again with the same key: the payment is looked up before it is sent.
        """
        with hide_locals():
            call = operations.marketplace.notify_payment(
                self._settings,
                salon_id=salon_id,
                payment_sum=payment_sum,
                currency_iso=currency_iso,
                payment_date=payment_date,
                period_from=period_from,
                period_to=period_to,
                idempotency_key=idempotency_key,
            )
        del salon_id, payment_sum, currency_iso, payment_date, period_from, period_to, idempotency_key
        return await self.perform(call)

    async def notify_refund(self, payment_id: int) -> None:
        """Report that you have refunded a payment in full.

        Altegio calls it "Chargeback Notice". There are no partial refunds. What a second refund does is unknown; with
        the client's `ledger`, it is not sent.

        Args:
            payment_id: The payment, as `notify_payment` returned it.

        Raises:
            ValueError: The id is not a positive integer. Nothing was sent.
            NotSentError: Altegio was not reached, nothing was recorded. Call again.
            RejectedError: Altegio rejected it, nothing was recorded. Fix the problem that the error describes.
            OutcomeUnknownError: The refund may have been recorded. Look in Altegio before calling again. With a ledger,
                call again: the refund is looked up before it is sent.
        """
        with hide_locals():
            call = operations.marketplace.notify_refund(self._settings, payment_id)
        del payment_id
        return await self.perform(call)

    async def get_installation(self, *, salon_id: int) -> Installation:
        """Return the status of your application at a location, and the payments for it.

        Altegio calls it the status of the application. It is cached for 5 minutes to an hour: a payment that was just
        recorded may be missing. Reading changes nothing, so any failure except a rejection is retried, up to
        `max_retries` times.

        Args:
            salon_id: The location.

        Raises:
            ValueError: The id is not a positive integer. Nothing was sent.
            NotFoundError: The application is not installed at this location.
            RejectedError: Altegio rejected it. Fix the problem that the error describes.
            NotSentError, OutcomeUnknownError: There is no result. Call again.
        """
        with hide_locals():
            call = operations.marketplace.get_installation(self._settings, salon_id=salon_id)
        del salon_id
        return await self.perform(call)

    async def list_locations(self, *, page: int = 1, count: int = 100) -> list[Location]:
        """Return one page of the locations that have connected your application.

        Altegio returns no total. Whether it lists locations in all states is unknown: see `get_installation`.

        Args:
            page: The number of the page. The first page is probably 1.
            count: The number of locations on a page, at most 1000. The last page has fewer. A response of more than
                1 MiB is not read.

        Raises:
            ValueError: An argument is invalid. Nothing was sent.
            RejectedError: Altegio rejected it. Fix the problem that the error describes.
            NotSentError, OutcomeUnknownError: There is no result. Call again.
        """
        with hide_locals():
            call = operations.marketplace.list_locations(self._settings, page=page, count=count)
        del page, count
        return await self.perform(call)

    def iter_locations(self, *, count: int = 100) -> AsyncIterator[Location]:
        """Iterate over all locations that have connected your application, each once.

        Pages are read when they are needed, with `list_locations`. Page 0 is read last, and may be rejected, because it
        is not documented whether Altegio counts from 0 or 1.

        Args:
            count: How many locations are read at a time, at most 1000.

        Raises:
            ValueError: An argument is invalid. Nothing was sent.
            AltegioError: A page could not be read, as with `list_locations`. Start over.
        """
        with hide_locals():
            walk = operations.marketplace.iter_locations(self._settings, count=count)
        del count
        return walk.items_async(self.perform)

    async def list_tariffs(self) -> list[Tariff]:
        """Return the tariffs of your application, from which a location chooses when it pays through Altegio.

        You create them in the Developer Cabinet. The list is empty if there are none.

        Raises:
            RejectedError: Altegio rejected it. Fix the problem that the error describes.
            NotSentError, OutcomeUnknownError: There is no result. Call again.
        """
        with hide_locals():
            call = operations.marketplace.list_tariffs(self._settings)
        return await self.perform(call)

    async def set_discount(self, *, salon_ids: Sequence[int], discount: Decimal | int | str) -> None:
        """Set the discount that locations get when they pay for your application through Altegio.

        Altegio calls it "add discount". You cannot read it back. It is unknown whether the call fails for all locations
        if one does not have your application, and whether 0 removes a discount.

        Args:
            salon_ids: The locations, at most 1000.
            discount: The discount in percent, or an amount, depending on the application's configuration. Not a float.

        Raises:
            ValueError: An argument is invalid. Nothing was sent.
            NotSentError: Altegio was not reached, nothing was changed. Call again.
            RejectedError: Altegio rejected it, nothing was changed. Fix the problem that the error describes.
            OutcomeUnknownError: It may have been changed. Calling again is harmless.
        """
        with hide_locals():
            call = operations.marketplace.set_discount(self._settings, salon_ids=salon_ids, discount=discount)
        del salon_ids, discount
        return await self.perform(call)

    async def get_payment_link(
        self, *, salon_id: int, discount: Decimal | int | str | None = None, tariff_option_id: int | None = None
    ) -> str:
        """Return the URL where a location can pay for your application through Altegio.

        Altegio then sends you a callback, see `altegio_partner.incoming`. Do not report the payment with
        `notify_payment`. Use the URL unchanged, because it is signed. How long it is valid is unknown.

        Args:
            salon_id: The location.
            discount: A discount in percent. Not a float.
            tariff_option_id: The tariff option, see `list_tariffs`. Undocumented, but required by Altegio's own client.

        Raises:
            ValueError: An argument is invalid. Nothing was sent.
            NotFoundError: The application is not installed there, or has no tariffs.
            RejectedError: Altegio rejected it. Fix the problem that the error describes.
            NotSentError, OutcomeUnknownError: There is no result. Call again.
        """
        with hide_locals():
            call = operations.marketplace.get_payment_link(
                self._settings, salon_id=salon_id, discount=discount, tariff_option_id=tariff_option_id
            )
        del salon_id, discount, tariff_option_id
        return await self.perform(call)

    async def set_channel_availability(
        self, *, salon_id: int, channel: Literal["sms", "whatsapp"], is_available: bool
    ) -> None:
        """Set whether a location can send messages through a channel.

        Altegio calls it "update channel". It is for chat bots and SMS aggregators only. You cannot read it back.

        Args:
            salon_id: The location.
            channel: "sms" or "whatsapp".
            is_available: Whether it can.

        Raises:
            ValueError: An argument is invalid. Nothing was sent.
            NotSentError: Altegio was not reached, nothing was changed. Call again.
            RejectedError: Altegio rejected it, nothing was changed. Fix the problem that the error describes.
            OutcomeUnknownError: It may have been changed. Calling again is harmless.
        """
        with hide_locals():
            call = operations.marketplace.set_channel_availability(
                self._settings, salon_id=salon_id, channel=channel, is_available=is_available
            )
        del salon_id, channel, is_available
        return await self.perform(call)

    async def set_sms_sender_names(self, *, salon_id: int, short_names: Sequence[str]) -> None:
        """Set the sender names that a location can choose from for its SMS.

        For SMS aggregators. Pass all names, because the list probably replaces the old one. You cannot read it back.
        Altegio's own client rejects Cyrillic letters, "ag", and names that contain "altegio".

        Args:
            salon_id: The location.
            short_names: The names, 1 to 20.

        Raises:
            ValueError: An argument is invalid. Nothing was sent.
            NotSentError: Altegio was not reached, nothing was changed. Call again.
            RejectedError: Altegio rejected it, nothing was changed. Fix the problem that the error describes.
            OutcomeUnknownError: It may have been changed. Calling again is harmless.
        """
        with hide_locals():
            call = operations.marketplace.set_sms_sender_names(
                self._settings, salon_id=salon_id, short_names=short_names
            )
        del salon_id, short_names
        return await self.perform(call)

    async def uninstall(self, *, salon_id: int) -> None:
        """Remove your application from a location, with its settings, its access and its webhooks.

        Only the location's owner can connect it again. Altegio may then send you the callback `uninstall`.

        Args:
            salon_id: The location.

        Raises:
            ValueError: The id is not a positive integer. Nothing was sent.
            NotSentError: Altegio was not reached, nothing was changed. Call again.
            NotFoundError: The application is not installed there, or no longer.
            RejectedError: Altegio rejected it, nothing was changed. Fix the problem that the error describes.
            OutcomeUnknownError: It may have been removed. Calling again is harmless.
        """
        with hide_locals():
            call = operations.marketplace.uninstall(self._settings, salon_id=salon_id)
        del salon_id
        return await self.perform(call)

    async def reconcile(
        self, idempotency_key: str, *, operation: Literal["notify_payment", "notify_refund"] = "notify_payment"
    ) -> int | None:
        """Find out whether a payment whose outcome is unknown was recorded. Nothing is reported to Altegio.

        The payment is looked up in the client's `ledger`, then in Altegio: by its amount, dates and currency, among the
        payments of the location that belong to no other key. This is not an operation of Altegio's API.

        Args:
            idempotency_key: The key of the payment. That of a refund is the id of the payment, as text.
            operation: The method that was called, as in `ledger.pending()`.

        Returns:
            The payment's id, or None if Altegio does not have it. The next call with this key is then sent.

        Raises:
            ValueError: The ledger has no such key for this application, or the client has no ledger.
            UndecidedError: The outcome is not known, or not yet known. The error says what to do.
            NotSentError, RejectedError, OutcomeUnknownError: The look-up failed. Fix the problem, then call again.
        """
        with hide_locals():
            call = operations.marketplace.reconcile(self._settings, idempotency_key, operation=operation)
        del idempotency_key, operation
        return await self.perform(call)
