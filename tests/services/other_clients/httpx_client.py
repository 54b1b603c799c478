"""Python, httpx: GET, then POST, on one connection. Prints the status of the answer, or the error."""

import os
import sys

import httpx

path, body = sys.argv[1:]
headers = {
    "Authorization": f"Bearer {os.environ['ALTEGIO_PARTNER_TOKEN']}",
    "Accept": "application/vnd.api.v2+json",
    "Content-Type": "application/json",
}
with httpx.Client(base_url=os.environ["ALTEGIO_BASE_URL"], headers=headers) as client:
    client.get("/api/v1/countries")
    try:
        print(client.post(path, content=body).status_code)
    except httpx.HTTPError as error:
        print(f"error: {error}")
