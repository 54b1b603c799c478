# Ruby, Net::HTTP: GET, then POST, on one connection. Prints the status of the answer, or the error.
require "net/http"

path, body = ARGV
url = URI(ENV.fetch("ALTEGIO_BASE_URL"))
headers = { "Authorization" => "Bearer #{ENV.fetch('ALTEGIO_PARTNER_TOKEN')}",
            "Accept" => "application/vnd.api.v2+json", "Content-Type" => "application/json" }
Net::HTTP.start(url.host, url.port) do |http|
  http.get("/api/v1/countries", headers)
  puts http.post(path, body, headers).code
rescue EOFError, SystemCallError => error
  puts "error: #{error.message}"
end
