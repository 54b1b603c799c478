"""The curl commands of the vendor's page, and how they are run against one of our servers."""

import os
import subprocess

ENVIRONMENT = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
URL = "https://developer.alteg.io/_mock/en/developers/openapi"
TOKEN = "<YOUR_Bearer {PartnerToken}_HERE>"
REGISTRATION = r"""
curl -i -X POST \
https://developer.alteg.io/_mock/en/developers/openapi/marketplace/partner/callback/redirect \
-H 'Accept: application/vnd.api.v2+json' \
-H 'Authorization: Bearer <YOUR_Bearer {PartnerToken}_HERE>' \
-H 'Content-Type: application/json' \
-d '{
"salon_id": 123,
"application_id": 123,
"api_key": "2f181e2a-5c22-4ae7-9d9b-07104f312c28",
"webhook_urls": [
"https://example.com/webhook"
]
}'
"""
PAYMENT = r"""
curl -i -X POST \
https://developer.alteg.io/_mock/en/developers/openapi/marketplace/partner/payment \
-H 'Accept: application/vnd.api.v2+json' \
-H 'Authorization: Bearer <YOUR_Bearer {PartnerToken}_HERE>' \
-H 'Content-Type: application/json' \
-d '{
"salon_id": 123,
"application_id": 123,
"currency_iso": "EUR",
"payment_sum": 990.99,
"payment_date": "2022-01-01 10:10:00",
"period_from": "2022-01-01 10:10:00",
"period_to": "2022-02-01 10:10:00"
}'
"""
REFUND_OF_123 = r"""
curl -i -X POST \
https://developer.alteg.io/_mock/en/developers/openapi/marketplace/partner/payment/refund/123 \
-H 'Accept: application/vnd.api.v2+json' \
-H 'Authorization: Bearer <YOUR_Bearer {PartnerToken}_HERE>'
"""


def run_command(command: str, url: str, token: str) -> tuple[int, dict[str, str], str]:
    """Run it with that URL and token, and return the status, headers and body of the response."""
    assert (command.count(URL), command.count(TOKEN)) == (1, 1)
    bash = ["bash", "-c", command.replace(URL, url).replace(TOKEN, token)]
    ran = subprocess.run(bash, env=ENVIRONMENT, capture_output=True, timeout=30, check=False)
    assert ran.returncode == 0, f"{ran.stderr.decode()}\nThis test needs curl and bash."
    head, _, body = ran.stdout.decode().partition("\r\n\r\n")
    first, *rest = head.split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest)}
    assert headers["content-length"] == str(len(body.encode()))
    return int(first.split()[1]), headers, body
