"""A Django application that reports its paid invoices to Altegio. The invoice's row is the only state it needs.

    pip install 'altegio-partner[postgresql]' 'django>=5.2'
    export ALTEGIO_PARTNER_TOKEN=... ALTEGIO_APPLICATION_ID=...
    export ALTEGIO_LEDGER_URL=postgresql+psycopg://user:password@host/database
    export PYTHONPATH=examples DJANGO_SETTINGS_MODULE=django_invoices.settings
    django-admin migrate --run-syncdb    # your application has migrations instead
    django-admin report_payments         # every minute, by cron: it reports what was left

One row, written in one transaction, says that an invoice is paid and must be reported. `on_commit` only reports it
immediately; if the process dies, the command reports it later. The ledger ensures that both together report it once.
What can still go wrong:

- The command does not run. Then nothing reports the remaining invoices: monitor the command, or the number of rows
  that stay "to report".
- Altegio rejects a payment, or the ledger contradicts Altegio. The invoice becomes "to fix", and its row says what
  the problem is. Fix it, and set it back to "to report".
- An invoice is changed after it was reported, or `TIME_ZONE` is changed, which changes the reported dates. The
  ledger rejects the invoice, and it becomes "to fix".
- A payment that stays undecided stays "to report". Its row says why, and `ledger.pending()` lists it: check it by
  hand.
- The request that marks the invoice paid waits for Altegio, for up to 10 seconds, and longer if more than 5 threads
  report at the same time. If that is too long, leave `on_commit` out: the command reports the invoice.
"""
