// Package traffic sends the same requests to every service, and prints what its metrics say of them.
package traffic

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"time"
)

// Path and number of requests. A path without a route is the last.
var requests = []struct {
	path  string
	count int
}{
	{"/items", 6}, {"/missing", 2}, {"/fail", 3}, {"/slow", 1}, {"/health/live", 4}, {"/health/ready", 2}, {"/nowhere", 1},
}

const (
	clientsGone = 2
	scrapes     = 2
	sent        = "# sent: 200=7 404=2 unrouted=1 500=3 gone=2 health=6 scrapes=2"
)

// What Prometheus 3 asks for: OpenMetrics, names in UTF-8.
const accept = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5," +
	"application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3," +
	"text/plain;version=0.0.4;q=0.2,*/*;q=0.1"

// Listen returns a loopback listener for the service.
func Listen() net.Listener {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}

	return listener
}

// Record sends the requests to a service, and prints its series whose names have one of the prefixes.
func Record(library, address string, prefixes ...string) {
	base := "http://" + address
	for _, request := range requests {
		for range request.count {
			get(context.Background(), base+request.path)
		}
	}

	for range clientsGone {
		ctx, cancel := context.WithTimeout(context.Background(), Patience)
		get(ctx, base+"/gone")
		cancel()
	}

	time.Sleep(5 * Patience) // the handlers of /gone end after their clients

	var exposition string
	for range scrapes + 1 { // the last one sees those before it
		exposition = get(context.Background(), base+"/metrics")
	}

	Print(library, sent, exposition, prefixes...)
}

// Print writes the exposition without what is not of requests.
func Print(library, sent, exposition string, prefixes ...string) {
	fmt.Fprintf(os.Stdout, "# recorded: %s\n%s\n", library, sent)

	lines := bufio.NewScanner(strings.NewReader(exposition))
	for lines.Scan() {
		name := strings.TrimPrefix(strings.TrimPrefix(lines.Text(), "# TYPE "), "# HELP ")
		for _, prefix := range prefixes {
			if strings.HasPrefix(name, prefix) && !isNoise(lines.Text()) {
				fmt.Fprintln(os.Stdout, lines.Text())

				break
			}
		}
	}
}

// isNoise tells what no query asks for.
func isNoise(line string) bool {
	return strings.HasPrefix(line, "# HELP") || strings.Contains(line, "_created{")
}

// get returns the body of an answer; none if the client went away.
func get(ctx context.Context, url string) string {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		log.Fatal(err)
	}

	request.Header.Set("Accept", accept)

	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		if ctx.Err() == nil {
			log.Fatal(err)
		}

		return ""
	}
	defer answer.Body.Close()

	body, err := io.ReadAll(answer.Body)
	if err != nil {
		log.Fatal(err)
	}

	return string(body)
}
