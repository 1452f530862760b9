package main

import (
	"log"
	"net/http"
	"time"

	"github.com/ansrivas/fiberprometheus/v2"
	"github.com/gin-gonic/gin"
	"github.com/gofiber/fiber/v2"
	"github.com/labstack/echo-contrib/echoprometheus"
	"github.com/labstack/echo/v4"
	"github.com/penglongli/gin-metrics/ginmetrics"
	ginprometheus "github.com/zsais/go-gin-prometheus"

	"example.com/exposition/traffic"
)

func withGin() http.Handler {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	ginprometheus.NewPrometheus("gin").Use(engine)

	return ginRoutes(engine)
}

func withGinMetrics() http.Handler {
	gin.SetMode(gin.ReleaseMode)
	engine := gin.New()
	monitor := ginmetrics.GetMonitor()
	monitor.SetMetricPath("/metrics")
	monitor.Use(engine)

	return ginRoutes(engine)
}

func ginRoutes(engine *gin.Engine) http.Handler {
	for path, handler := range traffic.Routes() {
		engine.GET(path, gin.WrapF(handler))
	}

	return engine
}

func withEcho() http.Handler {
	router := echo.New()
	router.Use(echoprometheus.NewMiddleware(""))
	for path, handler := range traffic.Routes() {
		router.GET(path, echo.WrapHandler(handler))
	}
	router.GET("/metrics", echoprometheus.NewHandler())

	return router
}

// recordFiber has routes of its own: Fiber's handlers are not those of net/http.
func recordFiber() {
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	metrics := fiberprometheus.New("sample")
	metrics.RegisterAt(app, "/metrics")
	app.Use(metrics.Middleware)

	statuses := map[string]int{
		"/items": 200, "/missing": 404, "/fail": 500, "/slow": 200, "/gone": 200, "/health/live": 200, "/health/ready": 200,
	}
	waits := map[string]time.Duration{"/slow": 600 * time.Millisecond, "/gone": 3 * traffic.Patience}
	for path, status := range statuses {
		app.Get(path, func(c *fiber.Ctx) error {
			time.Sleep(waits[path])

			return c.SendStatus(status)
		})
	}

	listener := traffic.Listen()
	go func() { log.Fatal(app.Listener(listener)) }()

	traffic.Record("github.com/ansrivas/fiberprometheus/v2 v2.16.0", listener.Addr().String(),
		"http_requests", "http_request_duration")
}
