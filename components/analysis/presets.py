"""Names of the metrics of libraries and meshes. What they are called is recorded in tests/exposition."""

from .metrics import MetricNames

# nginx's word for a client that went away; grpc-gateway and many handlers use it too.
_GONE = "499"
# The labels that libraries use; a series has one of them at most.
_PATHS = ("route", "path", "endpoint", "exported_endpoint", "url", "uri", "handler")

# What OpenTelemetry's conventions for gRPC hold against the server. Unimplemented is among them: a version
# that lacks a method which its callers use is bad. ResourceExhausted is not: it is a caller's quota.
_GRPC_ERRORS = "Unknown|DeadlineExceeded|Unimplemented|Internal|Unavailable|DataLoss"
_GRPC_SUCCESSES = (
    "OK|InvalidArgument|NotFound|AlreadyExists|PermissionDenied|ResourceExhausted"
    "|FailedPrecondition|Aborted|OutOfRange|Unauthenticated"
)

PRESETS: dict[str, MetricNames] = {
    "default": MetricNames(
        requests="http_requests_total",
        latency="http_request_duration_seconds",
        status="status",
        paths=_PATHS,
        ignored=_GONE,
    ),
    # The library has no names of its own: these are the ones of its example of a middleware.
    "promhttp": MetricNames(
        requests="http_requests_total",
        latency="http_request_duration_seconds",
        status="code",
        paths=_PATHS,
        ignored=_GONE,
    ),
    "otelhttp": MetricNames(
        requests="http_server_request_duration_seconds_count",
        latency="http_server_request_duration_seconds",
        status="http_response_status_code",
        paths=("http_route",),
        ignored=_GONE,
    ),
    "otelhttp-old": MetricNames(
        requests="http_server_duration_milliseconds_count",
        latency="http_server_duration_milliseconds",
        unit="milliseconds",
        status="http_status_code",
        paths=("http_route",),
        ignored=_GONE,
    ),
    # It counts a request whose client went away with status 200, and does not time it.
    "go-chi": MetricNames(
        requests="http_requests_total",
        latency="http_request_duration_seconds",
        status="status",
        paths=("endpoint", "exported_endpoint"),
        ignored=_GONE,
        selector='client_aborted!="true"',
    ),
    "gin": MetricNames(
        requests="gin_requests_total",
        latency="gin_request_duration_seconds",
        status="code",
        paths=("url",),
        ignored=_GONE,
    ),
    "gin-metrics": MetricNames(
        requests="gin_uri_request_total",
        latency="gin_request_duration",
        status="code",
        paths=("uri",),
        ignored=_GONE,
    ),
    "echo": MetricNames(
        requests="echo_requests_total",
        latency="echo_request_duration_seconds",
        status="code",
        paths=("url",),
        ignored=_GONE,
    ),
    "fiber": MetricNames(
        requests="http_requests_total",
        latency="http_request_duration_seconds",
        status="status_code",
        paths=("path",),
        ignored=_GONE,
    ),
    "slok": MetricNames(
        requests="http_request_duration_seconds_count",
        latency="http_request_duration_seconds",
        status="code",
        paths=("handler",),
        ignored=_GONE,
    ),
    "grpc": MetricNames(
        requests="grpc_server_handled_total",
        latency="grpc_server_handling_seconds",
        status="grpc_code",
        paths=("grpc_service",),
        errors=_GRPC_ERRORS,
        successes=_GRPC_SUCCESSES,
        ignored="Canceled",
        ignored_paths=(r"grpc\.health\.v1\.Health",),
    ),
    # Probes and scrapes go to the agent beside the proxy, so that they are not among the requests.
    # 0: the client went away before the answer began.
    "istio": MetricNames(
        requests="istio_requests_total",
        latency="istio_request_duration_milliseconds",
        unit="milliseconds",
        status="response_code",
        ignored=f"0|{_GONE}",
        ignored_paths=(),
        selector='reporter="destination"',
    ),
    # Not by status_code: gRPC faults have 200 there, and answers that the service cut off have none.
    # 4191 is the proxy's own port.
    "linkerd": MetricNames(
        requests="response_total",
        latency="response_latency_ms",
        unit="milliseconds",
        status="classification",
        paths=("route_name",),
        errors="failure",
        successes="success",
        ignored_paths=("probe",),
        selector='direction="inbound",target_port!="4191"',
    ),
}
