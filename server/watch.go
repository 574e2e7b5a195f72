package server

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/tarozi/tarozi/scoring"
)

// metrics counts requests in a registry of its own.
type metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	inFlight prometheus.Gauge
	handler  http.Handler
}

func newMetrics(version string, checks *scoring.Checks) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "tarozi_http_requests_total", Help: "Requests by method, route and status."}, []string{"method", "route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "tarozi_http_request_seconds", Help: "Time to answer, by route.",
			Buckets: []float64{.002, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10}}, []string{"route"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Name: "tarozi_http_requests_in_flight", Help: "Requests under way."}),
	}
	build := prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "tarozi_build_info", Help: "1, with the version of the program.", ConstLabels: prometheus.Labels{"version": version}})
	build.Set(1)
	passed := prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "tarozi_contribution_checks_passed_total",
		Help: "Evaluations of a model whose contributions sum to every score."}, func() float64 { return float64(checks.Passed()) })
	failed := prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "tarozi_contribution_checks_failed_total",
		Help: "Evaluations that gave no score because contributions did not sum to it: look into the model at once."},
		func() float64 { return float64(checks.Failed()) })
	registry := prometheus.NewRegistry()
	registry.MustRegister(m.requests, m.seconds, m.inFlight, build, passed, failed, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.handler = promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	return m
}

func (m *metrics) begin() { m.inFlight.Inc() }

func (m *metrics) end(method, route string, status int, took time.Duration) {
	m.inFlight.Dec()
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodOptions, http.MethodPatch:
	default:
		method = "other" // a caller must not be able to make new series
	}
	m.requests.WithLabelValues(method, route, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
}

func (m *metrics) serve(c *gin.Context) { m.handler.ServeHTTP(c.Writer, c.Request) }

// healthy answers as long as the process does.
func (s *Server) healthy(c *gin.Context) { c.JSON(http.StatusOK, gin.H{"status": "alive"}) }

// ready answers 200 where the store takes a write and what else must work does; the models were checked when they were loaded.
func (s *Server) ready(c *gin.Context) {
	checks := []func() error{func() error { return s.Store.Ping(c.Request.Context()) }}
	for _, check := range append(checks, s.Checks...) {
		if err := check(); err != nil {
			s.refuse(c, err)
			return
		}
	}
	c.JSON(http.StatusOK, gin.H{"status": "ready"})
}
