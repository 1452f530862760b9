// Package config reads the service's settings from the environment.
package config

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"
)

// Settings are all that the environment decides.
type Settings struct {
	Port          int           // PORT, 8080
	Greeting      string        // GREETING, shown on /
	LogLevel      slog.Level    // LOG_LEVEL, info
	DatabaseURL   string        // DATABASE_URL, Postgres; empty leaves the check out
	RedisURL      string        // REDIS_URL; empty leaves the check out
	ShutdownDelay time.Duration // SHUTDOWN_DELAY, 0: how long to serve on, not ready, after SIGTERM
	FailStart     bool          // FAIL_START: exit at start, to see a release fail
	FailReady     bool          // FAIL_READY: never become ready, to see a release fail
}

// Error lists every variable that is wrong.
type Error struct{ Problems []string }

func (e *Error) Error() string {
	return "bad environment:\n  " + strings.Join(e.Problems, "\n  ")
}

// Read returns the settings, or an *Error that names every bad variable. It never shows an address, which may hold
// a password.
func Read(getenv func(string) string) (Settings, error) {
	r := reader{getenv: getenv}
	settings := Settings{
		Port:          r.port("PORT", 8080),
		Greeting:      getenv("GREETING"),
		LogLevel:      r.level("LOG_LEVEL"),
		DatabaseURL:   getenv("DATABASE_URL"),
		RedisURL:      getenv("REDIS_URL"),
		ShutdownDelay: r.duration("SHUTDOWN_DELAY"),
		FailStart:     r.flag("FAIL_START"),
		FailReady:     r.flag("FAIL_READY"),
	}

	if len(r.problems) > 0 {
		return Settings{}, &Error{Problems: r.problems}
	}

	return settings, nil
}

type reader struct {
	getenv   func(string) string
	problems []string
}

func (r *reader) bad(key, want string) {
	r.problems = append(r.problems, fmt.Sprintf("%s: %q is not %s", key, r.getenv(key), want))
}

func (r *reader) port(key string, fallback int) int {
	if r.getenv(key) == "" {
		return fallback
	}

	port, err := strconv.Atoi(r.getenv(key))
	if err != nil || port < 1 || port > 65535 {
		r.bad(key, "a port; set one from 1 to 65535")
	}

	return port
}

func (r *reader) level(key string) slog.Level {
	var level slog.Level

	if r.getenv(key) == "" {
		return level
	}

	if err := level.UnmarshalText([]byte(r.getenv(key))); err != nil {
		r.bad(key, "a level; set debug, info, warn or error")
	}

	return level
}

func (r *reader) duration(key string) time.Duration {
	if r.getenv(key) == "" {
		return 0
	}

	duration, err := time.ParseDuration(r.getenv(key))
	if err != nil || duration < 0 {
		r.bad(key, "a duration; set one such as 5s")
	}

	return duration
}

func (r *reader) flag(key string) bool {
	if r.getenv(key) == "" {
		return false
	}

	value, err := strconv.ParseBool(r.getenv(key))
	if err != nil {
		r.bad(key, "true or false")
	}

	return value
}
