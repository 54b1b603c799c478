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

- The command does not run. Nothing else reports what was left: monitor it, or count the rows that stay "to report".
- A payment that Altegio rejects becomes "to fix", and stays so until you fix it and set it back to "to report". So does
  one for which the ledger contradicts Altegio: its row says what to look for there.
- An invoice is changed after it was reported: the ledger then rejects it, and it becomes "to fix" too. So does a change
  of `TIME_ZONE`, which changes the reported dates.
- A payment that stays undecided stays "to report". Its row says why, and `ledger.pending()` lists it: check it by hand.
- The request that marks the invoice paid waits for Altegio, for up to 10 seconds, and longer if more than 5 threads
  report at the same time. If that is too long, leave `on_commit` out: the command reports the invoice.
"""
