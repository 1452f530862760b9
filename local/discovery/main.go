// Command discovery tells Prometheus of the cluster's pods, as its own discovery of Kubernetes would, which Debian's
// package leaves out: the same labels, through HTTP. It asks with the service account of its pod.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"time"
)

const (
	address = "127.0.0.1:9091" // for containers of the same pod alone
	account = "/var/run/secrets/kubernetes.io/serviceaccount/"
	limit   = 4 * time.Second
)

func main() {
	authority, err := os.ReadFile(account + "ca.crt")
	if err != nil {
		log.Fatal(err)
	}

	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authority)

	client := &http.Client{
		Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}},
		Timeout:   limit,
	}
	server := net.JoinHostPort(os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT"))

	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pods, err := list(r.Context(), client, server)
		if err != nil {
			// Prometheus keeps the targets it knows.
			http.Error(w, err.Error(), http.StatusBadGateway)

			return
		}

		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(targets(pods))
	})
	log.Fatal((&http.Server{Addr: address, Handler: handler, ReadHeaderTimeout: limit}).ListenAndServe())
}

func list(ctx context.Context, client *http.Client, server string) ([]pod, error) {
	token, err := os.ReadFile(account + "token") // it changes from time to time
	if err != nil {
		return nil, err
	}

	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+server+"/api/v1/pods", nil)
	if err != nil {
		return nil, err
	}

	request.Header.Set("Authorization", "Bearer "+string(token))

	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()

	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the API server answers %s", response.Status)
	}

	var listed struct {
		Items []pod `json:"items"`
	}

	err = json.NewDecoder(response.Body).Decode(&listed)

	return listed.Items, err
}
