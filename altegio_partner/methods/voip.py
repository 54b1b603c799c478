"""The methods of both clients, written by `nox -s generate` from operations/voip.py. Do not edit."""

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import date, datetime
from typing import Literal

from altegio_partner import operations
from altegio_partner.operations.performer import AsyncPerformer, Family, Performer
from altegio_partner.redaction import hide_locals
from altegio_partner.values.voip import Accepted, VoipCall


class VoipMethods(Family[Performer]):
    """Show an incoming telephone call, save one in the history of a location, and list them."""

    def enable(self, *, crm_token: str) -> Accepted:
        """Enable telephony for a chain, which shows its settings for call routing.

        When a telephony application is connected, this is needed beside `activate` or `complete_registration`.

        Args:
            crm_token: The chain's secret, from Telephony > Integration, or from its registration.

        Returns:
            That Altegio has accepted it. It is processed later, and whether it was is unknown.

        Raises:
            ValueError: An argument is invalid. Nothing was sent.
            NotSentError: Altegio was not reached. Call again.
            RejectedError: Altegio rejected it, nothing was changed. Fix the problem that the error describes.
            OutcomeUnknownError: It may have been accepted. Calling again is harmless.
        """
        with hide_locals():
            call = operations.voip.enable(self._settings, crm_token=crm_token)
        del crm_token
        return self._client.perform(call)

    def disable(self, *, crm_token: str) -> Accepted:
        """Disable telephony for a chain: calls that are reported later are not processed.

        Args:
            crm_token: The chain's secret.

        Returns:
            That Altegio has accepted it. It is processed later, and whether it was is unknown.

        Raises:
            ValueError: An argument is invalid. Nothing was sent.
            NotSentError: Altegio was not reached. Call again.
            RejectedError: Altegio rejected it, nothing was changed. Fix the problem that the error describes.
            OutcomeUnknownError: It may have been accepted. Calling again is harmless.
        """
        with hide_locals():
            call = operations.voip.disable(self._settings, crm_token=crm_token)
        del crm_token
        return self._client.perform(call)

    def notify_call(self, *, crm_token: str, phone: str, diversion: str, user: str | None = None) -> Accepted:
        """Show an incoming call to the staff of the location.

        Args:
            crm_token: The chain's secret.
            phone: The caller's number.
            diversion: The number that was called.
            user: The subscriber in the telephone system, by whom the call is routed rather than by `diversion`.

        Returns:
            That Altegio has accepted it. It is processed later, and whether it was shown is unknown.

        Raises:
            ValueError: An argument is invalid. Nothing was sent.
            NotSentError: Altegio was not reached. Call again, if the call has not ended.
            RejectedError: Altegio rejected it, nothing was shown. Fix the problem that the error describes.
            OutcomeUnknownError: It may have been shown. Do not call again: it would be shown twice, or too late.
        """
        with hide_locals():
            call = operations.voip.notify_call(
                self._settings, crm_token=crm_token, phone=phone, diversion=diversion, user=user
            )
        del crm_token, phone, diversion, user
        return self._client.perform(call)

    def save_call(
        self,
        *,
        crm_token: str,
        call_type: Literal["incoming", "outgoing", "internal"],
        phone: str,
        diversion: str,
        user: str | None = None,
        duration: int | None = None,
        link: str | None = None,
        call_id: str | None = None,
        status: Literal["success", "missed"] | None = None,
        call_date: datetime | None = None,
    ) -> Accepted:
        """Save a call that has ended in the history. Arguments that are None are not sent.

        Altegio calls it the command `history`. Whether a second call of the same `call_id` is recognised is unknown, so
        it is never sent again on its own.

        Args:
            crm_token: The chain's secret.
            call_type: "incoming", "outgoing" or "internal".
            phone: The caller's number.
            diversion: The number that was called.
            user: The subscriber in the telephone system, by whom the call is routed rather than by `diversion`.
            duration: How long it took, in seconds.
            link: The recording, an https or http address.
            call_id: The call's id in the telephone system.
            status: "success" or "missed".
            call_date: When it was: an aware datetime, whose offset is sent too.

        Returns:
            That Altegio has accepted it. It is processed later, and whether it was saved is unknown.

        Raises:
            ValueError: An argument is invalid. Nothing was sent.
            NotSentError: Altegio was not reached. Call again.
            RejectedError: Altegio rejected it, nothing was saved. Fix the problem that the error describes.
            OutcomeUnknownError: It may have been saved. Look with `list_calls` before calling again.
        """
        with hide_locals():
            call = operations.voip.save_call(
                self._settings,
                crm_token=crm_token,
                call_type=call_type,
                phone=phone,
                diversion=diversion,
                user=user,
                duration=duration,
                link=link,
                call_id=call_id,
                status=status,
                call_date=call_date,
            )
        del crm_token, call_type, phone, diversion, user, duration, link, call_id, status, call_date
        return self._client.perform(call)

    def list_calls(
        self,
        *,
        salon_id: int,
        date_from: date,
        date_to: date,
        phone: str | None = None,
        types: Sequence[Literal["incoming", "outgoing", "internal"]] | None = None,
        statuses: Sequence[str] | None = None,
        page: int = 1,
        limit: int = 100,
    ) -> list[VoipCall]:
        """Return one page of the calls of a location. Needs a user token.

        Altegio gives no total. It reads these arguments from the body of a GET: a proxy that drops it makes the call
        fail.

        Args:
            salon_id: The location.
            date_from: The first day.
            date_to: The last day. Whether it is included is unknown.
            phone: Only calls of this number.
            types: Only "incoming", "outgoing" or "internal" ones.
            statuses: Only those that ended so: "success", "missed", "cancel", "busy", "notallowed", "notavailable",
                "notfound".
            page: The number of the page. The first is 1, it seems.
            limit: How many calls a page has, at most 1000. The last one has fewer.

        Raises:
            ValueError: An argument is invalid, or there is no user token. Nothing was sent.
            RejectedError: Altegio rejected it: perhaps the user may not see calls. Fix the problem.
            NotSentError, OutcomeUnknownError: There is no result. Call again.
        """
        with hide_locals():
            call = operations.voip.list_calls(
                self._settings,
                salon_id=salon_id,
                date_from=date_from,
                date_to=date_to,
                phone=phone,
                types=types,
                statuses=statuses,
                page=page,
                limit=limit,
            )
        del salon_id, date_from, date_to, phone, types, statuses, page, limit
        return self._client.perform(call)

    def iter_calls(
        self,
        *,
        salon_id: int,
        date_from: date,
        date_to: date,
        phone: str | None = None,
        types: Sequence[Literal["incoming", "outgoing", "internal"]] | None = None,
        statuses: Sequence[str] | None = None,
        limit: int = 100,
    ) -> Iterator[VoipCall]:
        """Iterate over all calls of a location, each once. Needs a user token.

        A page is read when it is needed, with `list_calls`, whose errors it raises. Page 0 is asked for last, and may
        be refused: that Altegio counts from 1 is not documented.

        Args:
            salon_id: The location.
            date_from: The first day.
            date_to: The last day. Whether it is included is unknown.
            phone: Only calls of this number.
            types: Only "incoming", "outgoing" or "internal" ones.
            statuses: Only those that ended so, see `list_calls`.
            limit: How many calls are read at a time, at most 1000.

        Raises:
            ValueError: An argument is invalid, or there is no user token. Nothing was sent.
            AltegioError: A page could not be read, as with `list_calls`. Begin again.
        """
        with hide_locals():
            walk = operations.voip.iter_calls(
                self._settings,
                salon_id=salon_id,
                date_from=date_from,
                date_to=date_to,
                phone=phone,
                types=types,
                statuses=statuses,
                limit=limit,
            )
        del salon_id, date_from, date_to, phone, types, statuses, limit
        return walk.items(self._client.perform)


class AsyncVoipMethods(Family[AsyncPerformer]):
    """Show an incoming telephone call, save one in the history of a location, and list them. As coroutines."""

    async def enable(self, *, crm_token: str) -> Accepted:
        """Enable telephony for a chain, which shows its settings for call routing.

        When a telephony application is connected, this is needed beside `activate` or `complete_registration`.

        Args:
            crm_token: The chain's secret, from Telephony > Integration, or from its registration.

        Returns:
            That Altegio has accepted it. It is processed later, and whether it was is unknown.

        Raises:
            ValueError: An argument is invalid. Nothing was sent.
            NotSentError: Altegio was not reached. Call again.
            RejectedError: Altegio rejected it, nothing was changed. Fix the problem that the error describes.
            OutcomeUnknownError: It may have been accepted. Calling again is harmless.
        """
        with hide_locals():
            call = operations.voip.enable(self._settings, crm_token=crm_token)
        del crm_token
        return await self._client.perform(call)

    async def disable(self, *, crm_token: str) -> Accepted:
        """Disable telephony for a chain: calls that are reported later are not processed.

        Args:
            crm_token: The chain's secret.

        Returns:
            That Altegio has accepted it. It is processed later, and whether it was is unknown.

        Raises:
            ValueError: An argument is invalid. Nothing was sent.
            NotSentError: Altegio was not reached. Call again.
            RejectedError: Altegio rejected it, nothing was changed. Fix the problem that the error describes.
            OutcomeUnknownError: It may have been accepted. Calling again is harmless.
        """
        with hide_locals():
            call = operations.voip.disable(self._settings, crm_token=crm_token)
        del crm_token
        return await self._client.perform(call)

    async def notify_call(self, *, crm_token: str, phone: str, diversion: str, user: str | None = None) -> Accepted:
        """Show an incoming call to the staff of the location.

        Args:
            crm_token: The chain's secret.
            phone: The caller's number.
            diversion: The number that was called.
            user: The subscriber in the telephone system, by whom the call is routed rather than by `diversion`.

        Returns:
            That Altegio has accepted it. It is processed later, and whether it was shown is unknown.

        Raises:
            ValueError: An argument is invalid. Nothing was sent.
            NotSentError: Altegio was not reached. Call again, if the call has not ended.
            RejectedError: Altegio rejected it, nothing was shown. Fix the problem that the error describes.
            OutcomeUnknownError: It may have been shown. Do not call again: it would be shown twice, or too late.
        """
        with hide_locals():
            call = operations.voip.notify_call(
                self._settings, crm_token=crm_token, phone=phone, diversion=diversion, user=user
            )
        del crm_token, phone, diversion, user
        return await self._client.perform(call)

    async def save_call(
        self,
        *,
        crm_token: str,
        call_type: Literal["incoming", "outgoing", "internal"],
        phone: str,
        diversion: str,
        user: str | None = None,
        duration: int | None = None,
        link: str | None = None,
        call_id: str | None = None,
        status: Literal["success", "missed"] | None = None,
        call_date: datetime | None = None,
    ) -> Accepted:
        """Save a call that has ended in the history. Arguments that are None are not sent.

        Altegio calls it the command `history`. Whether a second call of the same `call_id` is recognised is unknown, so
        it is never sent again on its own.

        Args:
            crm_token: The chain's secret.
            call_type: "incoming", "outgoing" or "internal".
            phone: The caller's number.
            diversion: The number that was called.
            user: The subscriber in the telephone system, by whom the call is routed rather than by `diversion`.
            duration: How long it took, in seconds.
            link: The recording, an https or http address.
            call_id: The call's id in the telephone system.
            status: "success" or "missed".
            call_date: When it was: an aware datetime, whose offset is sent too.

        Returns:
            That Altegio has accepted it. It is processed later, and whether it was saved is unknown.

        Raises:
            ValueError: An argument is invalid. Nothing was sent.
            NotSentError: Altegio was not reached. Call again.
            RejectedError: Altegio rejected it, nothing was saved. Fix the problem that the error describes.
            OutcomeUnknownError: It may have been saved. Look with `list_calls` before calling again.
        """
        with hide_locals():
            call = operations.voip.save_call(
                self._settings,
                crm_token=crm_token,
                call_type=call_type,
                phone=phone,
                diversion=diversion,
                user=user,
                duration=duration,
                link=link,
                call_id=call_id,
                status=status,
                call_date=call_date,
            )
        del crm_token, call_type, phone, diversion, user, duration, link, call_id, status, call_date
        return await self._client.perform(call)

    async def list_calls(
        self,
        *,
        salon_id: int,
        date_from: date,
        date_to: date,
        phone: str | None = None,
        types: Sequence[Literal["incoming", "outgoing", "internal"]] | None = None,
        statuses: Sequence[str] | None = None,
        page: int = 1,
        limit: int = 100,
    ) -> list[VoipCall]:
        """Return one page of the calls of a location. Needs a user token.

        Altegio gives no total. It reads these arguments from the body of a GET: a proxy that drops it makes the call
        fail.

        Args:
            salon_id: The location.
            date_from: The first day.
            date_to: The last day. Whether it is included is unknown.
            phone: Only calls of this number.
            types: Only "incoming", "outgoing" or "internal" ones.
            statuses: Only those that ended so: "success", "missed", "cancel", "busy", "notallowed", "notavailable",
                "notfound".
            page: The number of the page. The first is 1, it seems.
            limit: How many calls a page has, at most 1000. The last one has fewer.

        Raises:
            ValueError: An argument is invalid, or there is no user token. Nothing was sent.
            RejectedError: Altegio rejected it: perhaps the user may not see calls. Fix the problem.
            NotSentError, OutcomeUnknownError: There is no result. Call again.
        """
        with hide_locals():
            call = operations.voip.list_calls(
                self._settings,
                salon_id=salon_id,
                date_from=date_from,
                date_to=date_to,
                phone=phone,
                types=types,
                statuses=statuses,
                page=page,
                limit=limit,
            )
        del salon_id, date_from, date_to, phone, types, statuses, page, limit
        return await self._client.perform(call)

    def iter_calls(
        self,
        *,
        salon_id: int,
        date_from: date,
        date_to: date,
        phone: str | None = None,
        types: Sequence[Literal["incoming", "outgoing", "internal"]] | None = None,
        statuses: Sequence[str] | None = None,
        limit: int = 100,
    ) -> AsyncIterator[VoipCall]:
        """Iterate over all calls of a location, each once. Needs a user token.

        A page is read when it is needed, with `list_calls`, whose errors it raises. Page 0 is asked for last, and may
        be refused: that Altegio counts from 1 is not documented.

        Args:
            salon_id: The location.
            date_from: The first day.
            date_to: The last day. Whether it is included is unknown.
            phone: Only calls of this number.
            types: Only "incoming", "outgoing" or "internal" ones.
            statuses: Only those that ended so, see `list_calls`.
            limit: How many calls are read at a time, at most 1000.

        Raises:
            ValueError: An argument is invalid, or there is no user token. Nothing was sent.
            AltegioError: A page could not be read, as with `list_calls`. Begin again.
        """
        with hide_locals():
            walk = operations.voip.iter_calls(
                self._settings,
                salon_id=salon_id,
                date_from=date_from,
                date_to=date_to,
                phone=phone,
                types=types,
                statuses=statuses,
                limit=limit,
            )
        del salon_id, date_from, date_to, phone, types, statuses, limit
        return walk.items_async(self._client.perform)
