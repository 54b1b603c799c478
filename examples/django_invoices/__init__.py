"""A Django application whose paid invoices are told to Altegio: the row is the record, and nothing else must survive.

    pip install 'altegio-partner[postgresql]' 'django>=5.2'
    export ALTEGIO_PARTNER_TOKEN=... ALTEGIO_APPLICATION_ID=...
    export ALTEGIO_LEDGER_URL=postgresql+psycopg://user:password@host/database
    export PYTHONPATH=examples DJANGO_SETTINGS_MODULE=django_invoices.settings
    django-admin migrate --run-syncdb    # yours has migrations
    django-admin tell_altegio            # every minute, by cron: it tells what was left

That an invoice is paid, and that Altegio is to be told, is one row in one transaction. `on_commit` only tells at once;
whatever dies on the way, the command tells it later. The ledger sees to it that both together tell it once. What can
still go wrong:

- The command does not run. Nothing else tells what was left: watch it, or count the rows that have long been "to tell".
- A payment that Altegio refuses becomes "to mend", and stays so until somebody mends it and sets it back to "to tell".
- An invoice is changed after it was told of: the ledger then refuses it, and it becomes "to mend" too. So does a change
  of `TIME_ZONE`, in which dates are told.
- A payment that only a person can decide stays "to tell". Its row says why, and `ledger.pending()` lists it.
- Whoever marks the invoice paid waits for Altegio: 10 seconds at most, and longer where more than 5 threads tell at
  once. Leave `on_commit` out if that is too long: the command tells it.
"""
