# curl: GET, then POST, on one connection. Prints the status of the answer, or the error.
set -u
headers=(-H "Authorization: Bearer $ALTEGIO_PARTNER_TOKEN" -H "Accept: application/vnd.api.v2+json")
curl -s "${headers[@]}" "$ALTEGIO_BASE_URL/api/v1/countries" -o /dev/null \
  --next -s "${headers[@]}" -H "Content-Type: application/json" -d "$2" "$ALTEGIO_BASE_URL$1" \
  -o /dev/null -w "%{http_code}" || echo " error: curl exited with $?"
