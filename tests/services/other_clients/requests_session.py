"""Python, requests: GET, then POST, with one session. Prints the status of the answer, or the error."""

import os
import sys

import requests

path, body = sys.argv[1:]
url = os.environ["ALTEGIO_BASE_URL"]
headers = {
    "Authorization": f"Bearer {os.environ['ALTEGIO_PARTNER_TOKEN']}",
    "Accept": "application/vnd.api.v2+json",
    "Content-Type": "application/json",
}
with requests.Session() as session:
    session.get(f"{url}/api/v1/countries", headers=headers)
    try:
        print(session.post(url + path, body, headers=headers).status_code)
    except requests.RequestException as error:
        print(f"error: {error}")
