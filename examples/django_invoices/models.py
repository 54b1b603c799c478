"""Invoices, and how far Altegio knows of them."""

from django.db import models


class Invoice(models.Model):
    """What a location owes us for a period."""

    class State(models.TextChoices):
        """What is to be done next."""

        OPEN = "open"
        TO_TELL = "to tell"
        TOLD = "told"
        TO_MEND = "to mend"

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
