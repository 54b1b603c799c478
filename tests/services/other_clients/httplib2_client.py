"""Python, httplib2: GET, then POST, on one connection. Prints the status of the answer, or the error."""

import os
import sys
from http.client import HTTPException

import httplib2

path, body = sys.argv[1:]
url = os.environ["ALTEGIO_BASE_URL"]
headers = {
    "Authorization": f"Bearer {os.environ['ALTEGIO_PARTNER_TOKEN']}",
    "Accept": "application/vnd.api.v2+json",
    "Content-Type": "application/json",
}
http = httplib2.Http()
http.request(f"{url}/api/v1/countries", headers=headers)
try:
    print(http.request(url + path, "POST", body, headers)[0].status)
except (OSError, HTTPException, httplib2.HttpLib2Error) as error:
    print(f"error: {error}")
