"""The command that reports what was left: after a crash, or because an earlier attempt failed."""

from django.core.management.base import BaseCommand
from django_invoices.models import Invoice
from django_invoices.reporting import report


class Command(BaseCommand):
    """Run it every minute. Two at the same time are harmless."""

    help = "Reports to Altegio all invoices that are paid and not reported."

    def handle(self, *_: object, **__: object) -> None:
        """Report each, oldest first, and print the result."""
        left = Invoice.objects.filter(state=Invoice.State.TO_REPORT).order_by("paid_at")
        for number in list(left.values_list("number", flat=True)):
            self.stdout.write(str(report(number)))
