FROM golang:1.26-alpine AS build
RUN apk add --no-cache ca-certificates tzdata
# Go does not read the zones' leap-second and POSIX variants. All files have one time, so that
# all releases share the layer.
RUN mkdir -p /rootfs/etc/ssl/certs /rootfs/usr/share \
    && cp -L /etc/ssl/certs/ca-certificates.crt /rootfs/etc/ssl/certs/ \
    && cp -a /usr/share/zoneinfo /rootfs/usr/share/ \
    && rm -rf /rootfs/usr/share/zoneinfo/right /rootfs/usr/share/zoneinfo/posix \
    && find /rootfs -exec touch -h -d @0 {} +
WORKDIR /src
ENV CGO_ENABLED=0 GOTOOLCHAIN=local GOMODCACHE=/var/cache/go-mod GOCACHE=/var/cache/go-build
COPY go.mod go.sum* ./
RUN go mod download
COPY . .
# What changes with each commit comes after what need not be repeated.
ARG TARGETOS
ARG TARGETARCH
ARG VERSION
ARG COMMIT
ARG BUILD_TIME
ARG SOURCE_DATE_EPOCH
RUN GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -buildvcs=false \
    -ldflags "-w -s -X main.Version=$VERSION -X main.GitCommit=$COMMIT -X main.BuildTime=$BUILD_TIME" \
    -o /out/service ./cmd/server \
    && touch -d "@$SOURCE_DATE_EPOCH" /out/service

# The binary alone, for machines.
FROM scratch AS binary
COPY --from=build /out/ /

FROM scratch
COPY --from=build /rootfs/ /
COPY --from=build /out/ /
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
