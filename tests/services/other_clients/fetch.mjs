// Node.js, fetch: GET, then POST. Prints the status of the answer, or the error.
const [path, body] = process.argv.slice(2)
const { ALTEGIO_BASE_URL: url, ALTEGIO_PARTNER_TOKEN: token } = process.env
const headers = { Authorization: `Bearer ${token}`, Accept: "application/vnd.api.v2+json" }
await (await fetch(`${url}/api/v1/countries`, { headers })).text()
try {
  const answer = await fetch(url + path, { method: "POST", body, headers: { ...headers, "Content-Type": "application/json" } })
  await answer.text()
  console.log(answer.status)
} catch (error) {
  console.log(`error: ${error.cause?.message ?? error.message}`)
}
