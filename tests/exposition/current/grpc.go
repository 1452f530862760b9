package main

import (
	"context"
	"log"
	"net/http"
	"net/http/httptest"
	"time"

	grpcprometheus "github.com/grpc-ecosystem/go-grpc-middleware/providers/prometheus"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"example.com/exposition/traffic"
)

const method = "/shop.Items/Get"

// recordGRPC calls a method that answers with the code it is asked for: each code once, and OK five times more.
func recordGRPC() {
	metrics := grpcprometheus.NewServerMetrics(grpcprometheus.WithServerHandlingTimeHistogram())
	prometheus.MustRegister(metrics)

	server := grpc.NewServer(grpc.UnaryInterceptor(metrics.UnaryServerInterceptor()))
	server.RegisterService(&items, struct{}{})
	grpc_health_v1.RegisterHealthServer(server, health.NewServer())

	listener := traffic.Listen()
	go func() { log.Fatal(server.Serve(listener)) }()

	connection, err := grpc.NewClient(listener.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}

	call := func(ctx context.Context, code codes.Code) {
		// The error is the answer.
		_ = connection.Invoke(ctx, method, wrapperspb.UInt32(uint32(code)), &wrapperspb.UInt32Value{})
	}
	for range 5 {
		call(context.Background(), codes.OK)
	}
	for code := codes.OK; code <= codes.Unauthenticated; code++ {
		call(context.Background(), code)
	}

	for range 2 {
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(traffic.Patience, cancel)
		call(ctx, waits)
	}
	time.Sleep(5 * traffic.Patience)

	for range 6 {
		if _, err := grpc_health_v1.NewHealthClient(connection).Check(
			context.Background(), &grpc_health_v1.HealthCheckRequest{}); err != nil {
			log.Fatal(err)
		}
	}

	answer := httptest.NewRecorder()
	promhttp.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", http.NoBody))
	traffic.Print("github.com/grpc-ecosystem/go-grpc-middleware/providers/prometheus v1.1.1",
		"# sent: OK=6 others=16 gone=2 health=6", answer.Body.String(), "grpc_server_handl")
}

// waits asks the method to wait until its client has gone away.
const waits codes.Code = 100

// items is what protoc would write for a service with one method.
var items = grpc.ServiceDesc{
	ServiceName: "shop.Items",
	HandlerType: (*any)(nil),
	Methods: []grpc.MethodDesc{{MethodName: "Get", Handler: func(
		_ any, ctx context.Context, decode func(any) error, intercept grpc.UnaryServerInterceptor,
	) (any, error) {
		wanted := &wrapperspb.UInt32Value{}
		if err := decode(wanted); err != nil {
			return nil, err
		}

		return intercept(ctx, wanted, &grpc.UnaryServerInfo{FullMethod: method}, get)
	}}},
}

func get(ctx context.Context, request any) (any, error) {
	code := codes.Code(request.(*wrapperspb.UInt32Value).GetValue())
	if code == waits {
		<-ctx.Done()

		return nil, status.FromContextError(ctx.Err()).Err()
	}

	return wrapperspb.UInt32(0), status.Error(code, "as asked for")
}
