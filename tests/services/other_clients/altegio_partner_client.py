"""Python, this library: a status, then the call. Prints the status that the result stands for, or the error."""

import json
import sys
from datetime import datetime

from altegio_partner import AltegioError, PartnerClient

path, body = sys.argv[1:]
fields = {name: value for name, value in json.loads(body).items() if name != "application_id"}
with PartnerClient() as partner:
    partner.get_installation(salon_id=fields["salon_id"])
    try:
        if path.endswith("/payment"):
            for name in ("payment_date", "period_from", "period_to"):
                fields[name] = datetime.fromisoformat(fields[name])
            partner.notify_payment(**fields)
            print(200)
        else:
            print(301 if partner.complete_registration(**fields) else 200)
    except AltegioError as error:
        print(f"error: {error}")
