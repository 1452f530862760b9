FROM --platform=$BUILDPLATFORM golang:1.26-alpine AS build
RUN apk add --no-cache ca-certificates tzdata
# Leap-second and POSIX variants of the zones are left out: Go does not read them.
RUN mkdir -p /rootfs/etc/ssl/certs /rootfs/usr/share \
    && cp -L /etc/ssl/certs/ca-certificates.crt /rootfs/etc/ssl/certs/ \
    && cp -a /usr/share/zoneinfo /rootfs/usr/share/ \
    && rm -rf /rootfs/usr/share/zoneinfo/right /rootfs/usr/share/zoneinfo/posix
WORKDIR /src
ENV CGO_ENABLED=0 GOTOOLCHAIN=local GOMODCACHE=/var/cache/go-mod GOCACHE=/var/cache/go-build
COPY go.mod go.sum* ./
RUN --mount=type=cache,target=/var/cache/go-mod \
    go mod download
COPY . .
# What changes with each commit comes after what need not be repeated.
ARG TARGETOS
ARG TARGETARCH
ARG VERSION
ARG COMMIT
ARG BUILD_TIME
RUN --mount=type=cache,target=/var/cache/go-mod \
    --mount=type=cache,target=/var/cache/go-build \
    GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -buildvcs=false \
    -ldflags "-w -s -X main.Version=$VERSION -X main.GitCommit=$COMMIT -X main.BuildTime=$BUILD_TIME" \
    -o /rootfs/service ./cmd/server
# One time for all files, or the layer would differ from build to build.
ARG SOURCE_DATE_EPOCH
RUN find /rootfs -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

# The binary alone, for machines.
FROM scratch AS binary
COPY --from=build /rootfs/service /

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /rootfs/ /
ARG VERSION
ARG COMMIT
ARG BUILD_TIME
LABEL org.opencontainers.image.title="shop" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$COMMIT" \
      org.opencontainers.image.created="$BUILD_TIME"
USER 65534:65534
EXPOSE 8080
ENTRYPOINT ["/service"]
