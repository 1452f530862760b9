// Package fault makes the service misbehave on purpose, to test that a bad version is detected.
package fault

import (
	"fmt"
	"math"
	"net/http"
	"sync/atomic"
	"time"

	"example.com/sample/internal/config"
)

// Inject delays some requests and answers some with 500 and the text, as set; the others are passed to next.
func Inject(settings config.Settings, text fmt.Stringer, next http.Handler) http.Handler {
	late := share{rate: settings.FaultDelayRate}
	failed := share{rate: settings.FaultErrorRate}

	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if settings.FaultDelay > 0 && late.next() {
			select {
			case <-time.After(settings.FaultDelay):
			case <-r.Context().Done():
			}
		}

		if failed.next() {
			http.Error(w, text.String(), http.StatusInternalServerError)

			return
		}

		next.ServeHTTP(w, r)
	})
}

// share picks requests evenly rather than at random: of any n in a row it picks rate×n, give or take one, so that a
// test with a few hundred requests gets the configured share.
type share struct {
	rate float64
	seen atomic.Uint64
}

func (s *share) next() bool {
	seen := float64(s.seen.Add(1))

	return math.Floor(seen*s.rate) > math.Floor((seen-1)*s.rate)
}

// Crash returns a channel that is ready when the service has to crash; never if the time is 0.
func Crash(after time.Duration) <-chan time.Time {
	if after == 0 {
		return nil
	}

	return time.After(after)
}
