package config

import (
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestRead(t *testing.T) {
	cases := map[string]struct {
		environment map[string]string
		want        Settings
		problems    []string
	}{
		"nothing set": {want: Settings{Port: 8080}},
		"all set": {
			environment: map[string]string{
				"PORT": "9000", "GREETING": "hi", "LOG_LEVEL": "debug", "SHUTDOWN_DELAY": "5s", "FAIL_READY": "1",
				"DATABASE_URL": "postgres://db", "REDIS_URL": "redis://cache", "FAIL_START": "true",
			},
			want: Settings{
				Port: 9000, Greeting: "hi", LogLevel: slog.LevelDebug, ShutdownDelay: 5 * time.Second, FailReady: true,
				DatabaseURL: "postgres://db", RedisURL: "redis://cache", FailStart: true,
			},
		},
		"all that is wrong at once": {
			environment: map[string]string{
				"PORT": "abc", "LOG_LEVEL": "loud", "SHUTDOWN_DELAY": "-1s", "FAIL_START": "maybe",
			},
			problems: []string{
				`PORT: "abc" is not a port; set one from 1 to 65535`,
				`LOG_LEVEL: "loud" is not a level; set debug, info, warn or error`,
				`SHUTDOWN_DELAY: "-1s" is not a duration; set one such as 5s`,
				`FAIL_START: "maybe" is not true or false`,
			},
		},
		"port out of range": {
			environment: map[string]string{"PORT": "70000"},
			problems:    []string{`PORT: "70000" is not a port; set one from 1 to 65535`},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := Read(func(key string) string { return c.environment[key] })
			if c.problems == nil {
				if err != nil || got != c.want {
					t.Fatalf("got %+v, %v; want %+v", got, err, c.want)
				}

				return
			}

			want := "bad environment:\n  " + strings.Join(c.problems, "\n  ")
			if err == nil || err.Error() != want {
				t.Fatalf("got error %v, want %s", err, want)
			}
		})
	}
}
