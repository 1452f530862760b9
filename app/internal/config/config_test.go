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
		"nothing set": {want: Settings{Port: 8080, FaultDelayRate: 1}},
		"all set": {
			environment: map[string]string{
				"PORT": "9000", "GREETING": "hi", "LOG_LEVEL": "debug", "SHUTDOWN_DELAY": "5s", "FAIL_READY": "1",
				"DATABASE_URL": "postgres://db", "REDIS_URL": "redis://cache", "FAIL_START": "true",
				"FAULT_ERROR_RATE": "0.05", "FAULT_DELAY": "800ms", "FAULT_DELAY_RATE": "0.5", "FAULT_CRASH_AFTER": "20s",
			},
			want: Settings{
				Port: 9000, Greeting: "hi", LogLevel: slog.LevelDebug, ShutdownDelay: 5 * time.Second, FailReady: true,
				DatabaseURL: "postgres://db", RedisURL: "redis://cache", FailStart: true,
				FaultErrorRate: 0.05, FaultDelay: 800 * time.Millisecond, FaultDelayRate: 0.5, FaultCrashAfter: 20 * time.Second,
			},
		},
		"all that is wrong at once": {
			environment: map[string]string{
				"PORT": "abc", "LOG_LEVEL": "loud", "SHUTDOWN_DELAY": "-1s", "FAIL_START": "maybe",
				"FAULT_ERROR_RATE": "5%", "FAULT_DELAY": "800", "FAULT_DELAY_RATE": "NaN", "FAULT_CRASH_AFTER": "soon",
			},
			problems: []string{
				`PORT: "abc" is not a port; set one from 1 to 65535`,
				`LOG_LEVEL: "loud" is not a level; set debug, info, warn or error`,
				`SHUTDOWN_DELAY: "-1s" is not a duration; set one such as 5s`,
				`FAIL_START: "maybe" is not true or false`,
				`FAULT_ERROR_RATE: "5%" is not a share; set one from 0 to 1 such as 0.05`,
				`FAULT_DELAY: "800" is not a duration; set one such as 5s`,
				`FAULT_DELAY_RATE: "NaN" is not a share; set one from 0 to 1 such as 0.05`,
				`FAULT_CRASH_AFTER: "soon" is not a duration; set one such as 5s`,
			},
		},
		"share out of range": {
			environment: map[string]string{"FAULT_ERROR_RATE": "1.5"},
			problems:    []string{`FAULT_ERROR_RATE: "1.5" is not a share; set one from 0 to 1 such as 0.05`},
		},
		"share of no delay": {
			environment: map[string]string{"FAULT_DELAY_RATE": "0.5"},
			problems:    []string{`FAULT_DELAY_RATE: there is no delay; set FAULT_DELAY too, such as 800ms`},
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
