// Package config reads the service's settings from the environment.
package config

import (
	"fmt"
	"log/slog"
	"math"
	"strconv"
	"strings"
	"time"
)

// Settings are the service's settings, with their variables and defaults.
type Settings struct {
	Port            int           // PORT, 8080
	Greeting        string        // GREETING, shown on /
	LogLevel        slog.Level    // LOG_LEVEL, info
	DatabaseURL     string        // DATABASE_URL, Postgres; no check if empty
	RedisURL        string        // REDIS_URL; no check if empty
	ShutdownDelay   time.Duration // SHUTDOWN_DELAY, 0: how long to keep serving after SIGTERM, not ready
	FailStart       bool          // FAIL_START: exit at start, to test a failed release
	FailReady       bool          // FAIL_READY: never become ready, to test a failed release
	FaultErrorRate  float64       // FAULT_ERROR_RATE, 0: share of requests to / answered with 500, to test a failed trial
	FaultDelay      time.Duration // FAULT_DELAY, 0: delay of responses of /, to test a failed trial
	FaultDelayRate  float64       // FAULT_DELAY_RATE, 1: share of requests to / that FAULT_DELAY delays
	FaultCrashAfter time.Duration // FAULT_CRASH_AFTER, 0 (never): time from start to a crash, to test a failed trial
}

// Error lists every variable that is wrong.
type Error struct{ Problems []string }

func (e *Error) Error() string {
	return "bad environment:\n  " + strings.Join(e.Problems, "\n  ")
}

// Read returns the settings, or an *Error with every bad variable. It never shows a URL, which may contain a password.
func Read(getenv func(string) string) (Settings, error) {
	r := reader{getenv: getenv}
	settings := Settings{
		Port:            r.port("PORT", 8080),
		Greeting:        getenv("GREETING"),
		LogLevel:        r.level("LOG_LEVEL"),
		DatabaseURL:     getenv("DATABASE_URL"),
		RedisURL:        getenv("REDIS_URL"),
		ShutdownDelay:   r.duration("SHUTDOWN_DELAY"),
		FailStart:       r.flag("FAIL_START"),
		FailReady:       r.flag("FAIL_READY"),
		FaultErrorRate:  r.share("FAULT_ERROR_RATE", 0),
		FaultDelay:      r.duration("FAULT_DELAY"),
		FaultDelayRate:  r.share("FAULT_DELAY_RATE", 1),
		FaultCrashAfter: r.duration("FAULT_CRASH_AFTER"),
	}

	if getenv("FAULT_DELAY_RATE") != "" && getenv("FAULT_DELAY") == "" {
		r.problems = append(r.problems, "FAULT_DELAY_RATE: there is no delay; set FAULT_DELAY too, such as 800ms")
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

func (r *reader) share(key string, fallback float64) float64 {
	if r.getenv(key) == "" {
		return fallback
	}

	share, err := strconv.ParseFloat(r.getenv(key), 64)
	if err != nil || math.IsNaN(share) || share < 0 || share > 1 {
		r.bad(key, "a share; set one from 0 to 1 such as 0.05")
	}

	return share
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
