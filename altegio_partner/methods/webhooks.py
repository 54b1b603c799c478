"""The methods of both clients, written by `nox -s generate` from operations/webhooks.py. Do not edit."""

from collections.abc import Collection, Sequence

from altegio_partner import operations
from altegio_partner.operations.performer import AsyncPerformer, Family, Performer
from altegio_partner.redaction import hide_locals
from altegio_partner.values.webhooks import WebhookSettings


class WebhooksMethods(Family[Performer]):
    """The webhook settings of a location, by which URLs get events. They need a user token."""

    def get_settings(self, *, salon_id: int) -> WebhookSettings:
        """Return the webhook settings of a location, including those of other applications.

        Altegio calls them event notification settings.

        Args:
            salon_id: The location.

        Raises:
            ValueError: The id is not a positive integer, or there is no user token. Nothing was sent.
            RejectedError: Altegio rejected it. Fix the problem that the error describes.
            NotSentError, OutcomeUnknownError: There is no result. Call again.
        """
        with hide_locals():
            call = operations.webhooks.get_settings(self._settings, salon_id=salon_id)
        del salon_id
        return self._client.perform(call)

    def update_settings(
        self,
        *,
        salon_id: int,
        urls: Sequence[str],
        events: Collection[str],
        active: bool = True,
        self_sending: bool | None = None,
    ) -> WebhookSettings:
        """Replace the webhook settings of a location, including those of other applications.

        URLs that are not in the list are deleted, and all URLs get the same events. To change one setting and keep the
        others, use `add_url`, `remove_url` or `set_events`.

        Args:
            salon_id: The location.
            urls: All URLs, 1 to 10. New ones must be https.
            events: The kinds of events that are sent, with Altegio's names: "salon", "service_category", "service",
                "good", "master" (a team member), "client", "record", "goods_operations_sale",
                "goods_operations_receipt", "goods_operations_consumable", "goods_operations_stolen",
                "goods_operations_move", "finances_operation", "schedule", "loyalty_card".
            active: Whether events are sent.
            self_sending: Whether an application also gets events that it caused itself. Not sent if None.

        Returns:
            The new settings.

        Raises:
            ValueError: An argument is invalid, or there is no user token. Nothing was sent.
            NotSentError: Altegio was not reached, nothing was changed. Call again.
            RejectedError: Altegio rejected it, nothing was changed. Fix the problem that the error describes.
            OutcomeUnknownError: The settings may have been replaced. Read them before you write again.
        """
        with hide_locals():
            call = operations.webhooks.update_settings(
                self._settings, salon_id=salon_id, urls=urls, events=events, active=active, self_sending=self_sending
            )
        del salon_id, urls, events, active, self_sending
        return self._client.perform(call)

    def add_url(self, *, salon_id: int, url: str) -> WebhookSettings:
        """Add a URL that gets the events of a location, and keep the other settings.

        The settings are read, written and read again. Changes that somebody else makes between the first two steps are
        lost: Altegio offers no way to prevent that. If the URL is already there, nothing is changed.

        Args:
            salon_id: The location.
            url: The https URL. It gets the same events as the other URLs. Events are not signed, so put a secret into
                the URL.

        Returns:
            The new settings.

        Raises:
            ValueError: An argument is invalid, or there is no user token. Nothing was sent.
            ConflictError: There are already 10 URLs, their settings differ, Altegio does not return whether events are
                sent, or somebody else changed the settings.
            RejectedError: Altegio rejected it, nothing was changed. Fix the problem that the error describes.
            NotSentError, OutcomeUnknownError: The settings may have been changed. Call again: they are read first.
        """
        with hide_locals():
            call = operations.webhooks.add_url(self._settings, salon_id=salon_id, url=url)
        del salon_id, url
        return self._client.perform(call)

    def remove_url(self, *, salon_id: int, url: str) -> WebhookSettings:
        """Remove a URL that gets the events of a location, and keep the other settings.

        The settings are read, written and read again. Changes that somebody else makes between the first two steps are
        lost: Altegio offers no way to prevent that. If the URL is not there, nothing is changed.

        Args:
            salon_id: The location.
            url: The URL, exactly as in the settings.

        Returns:
            The new settings.

        Raises:
            ValueError: An argument is invalid, or there is no user token. Nothing was sent.
            ConflictError: It is the only URL, the settings of the URLs differ, Altegio does not return whether events
                are sent, or somebody else changed the settings.
            RejectedError: Altegio rejected it, nothing was changed. Fix the problem that the error describes.
            NotSentError, OutcomeUnknownError: The settings may have been changed. Call again: they are read first.
        """
        with hide_locals():
            call = operations.webhooks.remove_url(self._settings, salon_id=salon_id, url=url)
        del salon_id, url
        return self._client.perform(call)

    def set_events(self, *, salon_id: int, events: Collection[str], active: bool | None = None) -> WebhookSettings:
        """Set the kinds of events that are sent to all URLs of a location, and keep the other settings.

        The settings are read, written and read again. Changes that somebody else makes between the first two steps are
        lost: Altegio offers no way to prevent that.

        Args:
            salon_id: The location.
            events: The kinds of events that are sent, with the names in `update_settings`.
            active: Whether events are sent. None keeps the current setting.

        Returns:
            The new settings.

        Raises:
            ValueError: An argument is invalid, or there is no user token. Nothing was sent.
            ConflictError: There is no URL, the settings of the URLs differ, `active` is None and Altegio does not
                return whether events are sent, or somebody else changed the settings.
            RejectedError: Altegio rejected it, nothing was changed. Fix the problem that the error describes.
            NotSentError, OutcomeUnknownError: The settings may have been changed. Call again: they are read first.
        """
        with hide_locals():
            call = operations.webhooks.set_events(self._settings, salon_id=salon_id, events=events, active=active)
        del salon_id, events, active
        return self._client.perform(call)


class AsyncWebhooksMethods(Family[AsyncPerformer]):
    """The webhook settings of a location, by which URLs get events. They need a user token. As coroutines."""

    async def get_settings(self, *, salon_id: int) -> WebhookSettings:
        """Return the webhook settings of a location, including those of other applications.

        Altegio calls them event notification settings.

        Args:
            salon_id: The location.

        Raises:
            ValueError: The id is not a positive integer, or there is no user token. Nothing was sent.
            RejectedError: Altegio rejected it. Fix the problem that the error describes.
            NotSentError, OutcomeUnknownError: There is no result. Call again.
        """
        with hide_locals():
            call = operations.webhooks.get_settings(self._settings, salon_id=salon_id)
        del salon_id
        return await self._client.perform(call)

    async def update_settings(
        self,
        *,
        salon_id: int,
        urls: Sequence[str],
        events: Collection[str],
        active: bool = True,
        self_sending: bool | None = None,
    ) -> WebhookSettings:
        """Replace the webhook settings of a location, including those of other applications.

        URLs that are not in the list are deleted, and all URLs get the same events. To change one setting and keep the
        others, use `add_url`, `remove_url` or `set_events`.

        Args:
            salon_id: The location.
            urls: All URLs, 1 to 10. New ones must be https.
            events: The kinds of events that are sent, with Altegio's names: "salon", "service_category", "service",
                "good", "master" (a team member), "client", "record", "goods_operations_sale",
                "goods_operations_receipt", "goods_operations_consumable", "goods_operations_stolen",
                "goods_operations_move", "finances_operation", "schedule", "loyalty_card".
            active: Whether events are sent.
            self_sending: Whether an application also gets events that it caused itself. Not sent if None.

        Returns:
            The new settings.

        Raises:
            ValueError: An argument is invalid, or there is no user token. Nothing was sent.
            NotSentError: Altegio was not reached, nothing was changed. Call again.
            RejectedError: Altegio rejected it, nothing was changed. Fix the problem that the error describes.
            OutcomeUnknownError: The settings may have been replaced. Read them before you write again.
        """
        with hide_locals():
            call = operations.webhooks.update_settings(
                self._settings, salon_id=salon_id, urls=urls, events=events, active=active, self_sending=self_sending
            )
        del salon_id, urls, events, active, self_sending
        return await self._client.perform(call)

    async def add_url(self, *, salon_id: int, url: str) -> WebhookSettings:
        """Add a URL that gets the events of a location, and keep the other settings.

        The settings are read, written and read again. Changes that somebody else makes between the first two steps are
        lost: Altegio offers no way to prevent that. If the URL is already there, nothing is changed.

        Args:
            salon_id: The location.
            url: The https URL. It gets the same events as the other URLs. Events are not signed, so put a secret into
                the URL.

        Returns:
            The new settings.

        Raises:
            ValueError: An argument is invalid, or there is no user token. Nothing was sent.
            ConflictError: There are already 10 URLs, their settings differ, Altegio does not return whether events are
                sent, or somebody else changed the settings.
            RejectedError: Altegio rejected it, nothing was changed. Fix the problem that the error describes.
            NotSentError, OutcomeUnknownError: The settings may have been changed. Call again: they are read first.
        """
        with hide_locals():
            call = operations.webhooks.add_url(self._settings, salon_id=salon_id, url=url)
        del salon_id, url
        return await self._client.perform(call)

    async def remove_url(self, *, salon_id: int, url: str) -> WebhookSettings:
        """Remove a URL that gets the events of a location, and keep the other settings.

        The settings are read, written and read again. Changes that somebody else makes between the first two steps are
        lost: Altegio offers no way to prevent that. If the URL is not there, nothing is changed.

        Args:
            salon_id: The location.
            url: The URL, exactly as in the settings.

        Returns:
            The new settings.

        Raises:
            ValueError: An argument is invalid, or there is no user token. Nothing was sent.
            ConflictError: It is the only URL, the settings of the URLs differ, Altegio does not return whether events
                are sent, or somebody else changed the settings.
            RejectedError: Altegio rejected it, nothing was changed. Fix the problem that the error describes.
            NotSentError, OutcomeUnknownError: The settings may have been changed. Call again: they are read first.
        """
        with hide_locals():
            call = operations.webhooks.remove_url(self._settings, salon_id=salon_id, url=url)
        del salon_id, url
        return await self._client.perform(call)

    async def set_events(
        self, *, salon_id: int, events: Collection[str], active: bool | None = None
    ) -> WebhookSettings:
        """Set the kinds of events that are sent to all URLs of a location, and keep the other settings.

        The settings are read, written and read again. Changes that somebody else makes between the first two steps are
        lost: Altegio offers no way to prevent that.

        Args:
            salon_id: The location.
            events: The kinds of events that are sent, with the names in `update_settings`.
            active: Whether events are sent. None keeps the current setting.

        Returns:
            The new settings.

        Raises:
            ValueError: An argument is invalid, or there is no user token. Nothing was sent.
            ConflictError: There is no URL, the settings of the URLs differ, `active` is None and Altegio does not
                return whether events are sent, or somebody else changed the settings.
            RejectedError: Altegio rejected it, nothing was changed. Fix the problem that the error describes.
            NotSentError, OutcomeUnknownError: The settings may have been changed. Call again: they are read first.
        """
        with hide_locals():
            call = operations.webhooks.set_events(self._settings, salon_id=salon_id, events=events, active=active)
        del salon_id, events, active
        return await self._client.perform(call)
