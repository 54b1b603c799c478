"""The command that tells Altegio of what was left: of invoices whose process died, or that could not be told."""

from django.core.management.base import BaseCommand
from django_invoices.models import Invoice
from django_invoices.telling import tell


class Command(BaseCommand):
    """Run it every minute. Two at once do no harm."""

    help = "Tells Altegio of all invoices that are paid and not told."

    def handle(self, *_: object, **__: object) -> None:
        """Tell of each, oldest first, and say what came of it."""
        left = Invoice.objects.filter(state=Invoice.State.TO_TELL).order_by("paid_at")
        for number in list(left.values_list("number", flat=True)):
            self.stdout.write(str(tell(number)))
