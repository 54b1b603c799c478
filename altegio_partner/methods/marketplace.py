"""The methods of both clients, written by `nox -s generate` from operations/marketplace.py. Never edited."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Literal

from altegio_partner import operations
from altegio_partner.installation import Installation
from altegio_partner.performer import AsyncPerformer, Performer
from altegio_partner.redaction import hide_locals


class MarketplaceMethods(Performer):
    """Calls of the marketplace."""

    def complete_registration(
        self, *, salon_id: int, api_key: str | None = None, webhook_urls: Sequence[str] | None = None
    ) -> str | None:
        """Tell Altegio that a location has finished registering with us, and activate the application there.

        Altegio calls it "Redirect URL after user registration with the partner service". The location's owner must
        have clicked Connect in the marketplace before: that link stays open for 12 hours.

        Args:
            salon_id: The location.
            api_key: The key with which our service identifies the location. Left out when None.
            webhook_urls: Where Altegio sends the location's events: at most 10 https addresses. Left out when None.

        Returns:
            The address to send the owner's browser to, exactly as Altegio gave it (the `Location` of a 301), or None
            when it gave none. Never fetch it from your server. Where it leads is unknown.

        Raises:
            ValueError: An argument is wrong. Nothing was sent.
            AlreadyInstalledError: The application is already active there. Nothing was changed; nothing is left to do.
            NotSentError: Altegio was not reached. Call again.
            RejectedError: Altegio said no. Fix what the error names.
            OutcomeUnknownError: The settings may have been saved. Call again: if so, it is an AlreadyInstalledError.
        """
        with hide_locals():
            call = operations.marketplace.complete_registration(
                self._settings, salon_id=salon_id, api_key=api_key, webhook_urls=webhook_urls
            )
        del salon_id, api_key, webhook_urls
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
        """Tell Altegio that a location has paid us for a period.

        Altegio calls it "Notify Altegio of Successful Payment". A payment can unfreeze the application. Reporting
        the same payment twice probably records it twice: the Altegio API does not support idempotency keys.

        Args:
            salon_id: The location.
            payment_sum: What it paid, in whole units of the currency: "990.99" is 990 euros and 99 cents. Not a float.
            currency_iso: The currency, three capital letters of ISO 4217. Which ones Altegio accepts is unknown.
            payment_date: When it paid. Naive datetimes are sent as they are, aware ones in the client's `timezone`;
                microseconds are dropped. Which zone Altegio reads them in is unknown.
            period_from: The beginning of the paid period, inclusive.
            period_to: The end of the paid period, inclusive, and after `period_from`.
            idempotency_key: Identifies this payment, for example by its invoice number, in at most 255 characters.
                Required if the client has a `ledger`, which records calls with the same key once; invalid without one.

        Returns:
            The payment's id. Store it, because it is returned only here, and `notify_refund` needs it.

        Raises:
            ValueError: An argument is wrong, or the key was used for a different payment. Nothing was sent.
            NotSentError: Altegio was not reached, nothing was recorded. Call again.
            RejectedError: Altegio said no, nothing was recorded. Fix what the error names, then call again.
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
        """Tell Altegio that we refunded a payment to a location, in full.

        Altegio calls it "Chargeback Notice". There is no partial refund. What a second one does is unknown; with the
        client's `ledger`, it is not sent.

        Args:
            payment_id: The payment, as `notify_payment` returned it.

        Raises:
            ValueError: The id is no positive integer. Nothing was sent.
            NotSentError: Altegio was not reached, nothing was recorded. Call again.
            RejectedError: Altegio said no, nothing was recorded. Fix what the error names.
            OutcomeUnknownError: The refund may have been recorded. Look in Altegio before calling again. With a ledger,
                call again: the refund is looked up before it is sent.
        """
        with hide_locals():
            call = operations.marketplace.notify_refund(self._settings, payment_id)
        del payment_id
        return self.perform(call)

    def get_installation(self, *, salon_id: int) -> Installation:
        """Return how our application stands at a location, and what was paid for it there.

        Altegio calls it the status of the application. It caches it, for 5 minutes up to an hour: what was just
        recorded may be missing. Reading changes nothing, so any failure but a refusal is tried again, `max_retries`
        times.

        Args:
            salon_id: The location.

        Raises:
            ValueError: The id is no positive integer. Nothing was sent.
            NotFoundError: The application is not installed at this location.
            RejectedError: Altegio said no. Fix what the error names.
            NotSentError, OutcomeUnknownError: Nothing is known. Call again.
        """
        with hide_locals():
            call = operations.marketplace.get_installation(self._settings, salon_id=salon_id)
        del salon_id
        return self.perform(call)

    def reconcile(
        self, idempotency_key: str, *, operation: Literal["notify_payment", "notify_refund"] = "notify_payment"
    ) -> int | None:
        """Find out, by reading only, whether a payment whose outcome is unknown was recorded.

        The payment is looked up in the client's `ledger`, then in Altegio: by amount, currency and dates, among the
        location's payments that belong to no other key. This is not one of Altegio's own operations.

        Args:
            idempotency_key: The key of the payment. That of a refund is the id of the payment, as text.
            operation: Which of both, as in `ledger.pending()`.

        Returns:
            The payment's id, or None if Altegio does not have it. The next call with this key is then sent.

        Raises:
            ValueError: The ledger has no such key for this application, or the client has no ledger.
            UndecidedError: It is unknown, or not known yet: the error says what to do.
            NotSentError, RejectedError, OutcomeUnknownError: The ledger could not be read. Fix that, then call again.
        """
        with hide_locals():
            call = operations.marketplace.reconcile(self._settings, idempotency_key, operation=operation)
        del idempotency_key, operation
        return self.perform(call)


class AsyncMarketplaceMethods(AsyncPerformer):
    """Calls of the marketplace, awaited."""

    async def complete_registration(
        self, *, salon_id: int, api_key: str | None = None, webhook_urls: Sequence[str] | None = None
    ) -> str | None:
        """Tell Altegio that a location has finished registering with us, and activate the application there.

        Altegio calls it "Redirect URL after user registration with the partner service". The location's owner must
        have clicked Connect in the marketplace before: that link stays open for 12 hours.

        Args:
            salon_id: The location.
            api_key: The key with which our service identifies the location. Left out when None.
            webhook_urls: Where Altegio sends the location's events: at most 10 https addresses. Left out when None.

        Returns:
            The address to send the owner's browser to, exactly as Altegio gave it (the `Location` of a 301), or None
            when it gave none. Never fetch it from your server. Where it leads is unknown.

        Raises:
            ValueError: An argument is wrong. Nothing was sent.
            AlreadyInstalledError: The application is already active there. Nothing was changed; nothing is left to do.
            NotSentError: Altegio was not reached. Call again.
            RejectedError: Altegio said no. Fix what the error names.
            OutcomeUnknownError: The settings may have been saved. Call again: if so, it is an AlreadyInstalledError.
        """
        with hide_locals():
            call = operations.marketplace.complete_registration(
                self._settings, salon_id=salon_id, api_key=api_key, webhook_urls=webhook_urls
            )
        del salon_id, api_key, webhook_urls
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
        """Tell Altegio that a location has paid us for a period.

        Altegio calls it "Notify Altegio of Successful Payment". A payment can unfreeze the application. Reporting
        the same payment twice probably records it twice: the Altegio API does not support idempotency keys.

        Args:
            salon_id: The location.
            payment_sum: What it paid, in whole units of the currency: "990.99" is 990 euros and 99 cents. Not a float.
            currency_iso: The currency, three capital letters of ISO 4217. Which ones Altegio accepts is unknown.
            payment_date: When it paid. Naive datetimes are sent as they are, aware ones in the client's `timezone`;
                microseconds are dropped. Which zone Altegio reads them in is unknown.
            period_from: The beginning of the paid period, inclusive.
            period_to: The end of the paid period, inclusive, and after `period_from`.
            idempotency_key: Identifies this payment, for example by its invoice number, in at most 255 characters.
                Required if the client has a `ledger`, which records calls with the same key once; invalid without one.

        Returns:
            The payment's id. Store it, because it is returned only here, and `notify_refund` needs it.

        Raises:
            ValueError: An argument is wrong, or the key was used for a different payment. Nothing was sent.
            NotSentError: Altegio was not reached, nothing was recorded. Call again.
            RejectedError: Altegio said no, nothing was recorded. Fix what the error names, then call again.
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
        """Tell Altegio that we refunded a payment to a location, in full.

        Altegio calls it "Chargeback Notice". There is no partial refund. What a second one does is unknown; with the
        client's `ledger`, it is not sent.

        Args:
            payment_id: The payment, as `notify_payment` returned it.

        Raises:
            ValueError: The id is no positive integer. Nothing was sent.
            NotSentError: Altegio was not reached, nothing was recorded. Call again.
            RejectedError: Altegio said no, nothing was recorded. Fix what the error names.
            OutcomeUnknownError: The refund may have been recorded. Look in Altegio before calling again. With a ledger,
                call again: the refund is looked up before it is sent.
        """
        with hide_locals():
            call = operations.marketplace.notify_refund(self._settings, payment_id)
        del payment_id
        return await self.perform(call)

    async def get_installation(self, *, salon_id: int) -> Installation:
        """Return how our application stands at a location, and what was paid for it there.

        Altegio calls it the status of the application. It caches it, for 5 minutes up to an hour: what was just
        recorded may be missing. Reading changes nothing, so any failure but a refusal is tried again, `max_retries`
        times.

        Args:
            salon_id: The location.

        Raises:
            ValueError: The id is no positive integer. Nothing was sent.
            NotFoundError: The application is not installed at this location.
            RejectedError: Altegio said no. Fix what the error names.
            NotSentError, OutcomeUnknownError: Nothing is known. Call again.
        """
        with hide_locals():
            call = operations.marketplace.get_installation(self._settings, salon_id=salon_id)
        del salon_id
        return await self.perform(call)

    async def reconcile(
        self, idempotency_key: str, *, operation: Literal["notify_payment", "notify_refund"] = "notify_payment"
    ) -> int | None:
        """Find out, by reading only, whether a payment whose outcome is unknown was recorded.

        The payment is looked up in the client's `ledger`, then in Altegio: by amount, currency and dates, among the
        location's payments that belong to no other key. This is not one of Altegio's own operations.

        Args:
            idempotency_key: The key of the payment. That of a refund is the id of the payment, as text.
            operation: Which of both, as in `ledger.pending()`.

        Returns:
            The payment's id, or None if Altegio does not have it. The next call with this key is then sent.

        Raises:
            ValueError: The ledger has no such key for this application, or the client has no ledger.
            UndecidedError: It is unknown, or not known yet: the error says what to do.
            NotSentError, RejectedError, OutcomeUnknownError: The ledger could not be read. Fix that, then call again.
        """
        with hide_locals():
            call = operations.marketplace.reconcile(self._settings, idempotency_key, operation=operation)
        del idempotency_key, operation
        return await self.perform(call)
