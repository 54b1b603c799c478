"""Invoices, and whether they have been reported to Altegio."""

from django.db import models


class Invoice(models.Model):
    """What a location owes your company for a period."""

    class State(models.TextChoices):
        """What remains to be done."""

        OPEN = "open"
        TO_REPORT = "to report"
        REPORTED = "reported"
        TO_FIX = "to fix"

    number = models.CharField(max_length=50, primary_key=True)
    salon_id = models.PositiveBigIntegerField()
    payment_sum = models.DecimalField(max_digits=12, decimal_places=2)
    currency_iso = models.CharField(max_length=3)
    period_from = models.DateTimeField()
    period_to = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN, db_index=True)
    payment_id = models.PositiveBigIntegerField(null=True, unique=True)
    problem = models.TextField(default="")

    def __str__(self) -> str:
        return f"{self.number}: {self.state}. {self.problem}"
