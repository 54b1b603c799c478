"""One call to the sandbox, and what became of it."""

from datetime import datetime

from attrs import frozen

from .altegio import Reply, Request
from .faults import FaultName


@frozen
class Exchange:
    """One call that came in, its token masked, and what it was answered."""

    number: int
    at: datetime
    request: Request
    reply: Reply
    fault: FaultName | None = None
    """What went wrong on purpose."""
