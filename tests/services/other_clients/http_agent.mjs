// Node.js, http with a kept connection: GET, then POST. Prints the status of the answer, or the error.
import { Agent, request } from "node:http"
const [path, body] = process.argv.slice(2)
const { ALTEGIO_BASE_URL: url, ALTEGIO_PARTNER_TOKEN: token } = process.env
const agent = new Agent({ keepAlive: true })
const headers = { Authorization: `Bearer ${token}`, Accept: "application/vnd.api.v2+json", "Content-Type": "application/json" }
const send = (method, path, body) => new Promise((resolve, reject) => {
  const call = request(url + path, { method, headers, agent }, answer => {
    answer.on("error", reject).on("end", () => resolve(answer.statusCode)).resume()
  })
  call.on("error", reject).end(body)
})
await send("GET", "/api/v1/countries")
await send("POST", path, body).then(console.log, error => console.log(`error: ${error.message}`))
agent.destroy()
