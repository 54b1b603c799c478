// Go, net/http: GET, then POST, on one connection. Prints the status of the answer, or the error.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

func send(method, path, body string) (int, error) {
	call, _ := http.NewRequest(method, os.Getenv("ALTEGIO_BASE_URL")+path, strings.NewReader(body))
	call.Header.Set("Authorization", "Bearer "+os.Getenv("ALTEGIO_PARTNER_TOKEN"))
	call.Header.Set("Accept", "application/vnd.api.v2+json")
	call.Header.Set("Content-Type", "application/json")
	if key := os.Getenv("IDEMPOTENCY_KEY"); key != "" {
		call.Header.Set("Idempotency-Key", key)
	}
	answer, err := http.DefaultClient.Do(call)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	_, err = io.ReadAll(answer.Body)
	return answer.StatusCode, err
}

func main() {
	send("GET", "/api/v1/countries", "")
	status, err := send("POST", os.Args[1], os.Args[2])
	if err != nil {
		fmt.Println("error:", err)
		return
	}
	fmt.Println(status)
}
