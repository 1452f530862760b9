// Package web is the service's HTTP side: its routes, and a server that stops without losing a request.
package web

import "fmt"

// Build is the version, its commit, and the time of that commit.
type Build struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
	Time    string `json:"built"`
}

func (b Build) String() string {
	return fmt.Sprintf("sample %s (commit %s, built %s)", b.Version, b.Commit, b.Time)
}
