package main

import (
	"errors"
	"strings"
	"testing"

	"example.com/sample/internal/config"
)

func TestRun(t *testing.T) {
	var invalid *config.Error

	cases := map[string]struct {
		arguments   []string
		environment map[string]string
		printed     string
		check       func(error) bool
	}{
		"version": {
			arguments: []string{"version"},
			printed:   "sample dev (commit unknown, built unknown)\n",
			check:     func(err error) bool { return err == nil },
		},
		"unknown argument": {
			arguments: []string{"serve"},
			check:     func(err error) bool { return errors.Is(err, errUsage) },
		},
		"bad environment": {
			environment: map[string]string{"PORT": "abc"},
			check:       func(err error) bool { return errors.As(err, &invalid) },
		},
		"told to fail": {
			environment: map[string]string{"FAIL_START": "1"},
			check:       func(err error) bool { return err != nil && strings.Contains(err.Error(), "FAIL_START") },
		},
		"bad database address": {
			environment: map[string]string{"DATABASE_URL": "postgres://u:hunter2@host:port/db"},
			check: func(err error) bool {
				return errors.As(err, &invalid) && !strings.Contains(err.Error(), "hunter2")
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder

			err := run(c.arguments, func(key string) string { return c.environment[key] }, &out)
			if !c.check(err) {
				t.Errorf("unexpected error: %v", err)
			}

			if out.String() != c.printed {
				t.Errorf("printed %q, want %q", out.String(), c.printed)
			}
		})
	}
}
