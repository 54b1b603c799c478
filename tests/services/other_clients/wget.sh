# wget: POST, with its defaults, but no pause. Prints the status of the last answer, or the error.
set -u
wget -q -O /dev/null --server-response --waitretry=0 --header "Authorization: Bearer $ALTEGIO_PARTNER_TOKEN" \
  --header "Accept: application/vnd.api.v2+json" --header "Content-Type: application/json" --post-data "$2" \
  "$ALTEGIO_BASE_URL$1" 2>answers || echo "error: wget exited with $?" >>answers
sed -n -e "s|^ *HTTP/1.1 \([0-9]*\).*|\1|p" -e "/^error/p" answers | tail -n 1
