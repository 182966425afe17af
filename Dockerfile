# A node in a container: built on Debian 12, run with nothing but its libraries, without root.
#
#   docker build -t stampede .
#   docker run --rm -p 127.0.0.1:8080:8080 stampede --listen 0.0.0.0:8080
#
# k8s/README.md says how these steps are tested without a container engine.

FROM debian:bookworm-slim AS build
WORKDIR /src
# By itself, so that a change of the sources does not install everything again.
COPY scripts/install-dependencies scripts/install-dependencies
RUN scripts/install-dependencies build
COPY . .
RUN scripts/build release stampede \
    && strip --strip-unneeded -o /stampede build/release/bin/stampede

FROM debian:bookworm-slim
# What the program is linked with, a package for each library (tests/k8s/test_dockerfile.py compares), and the
# certificates of authorities for auth.jwt.jwks_url.
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends \
        ca-certificates \
        libargon2-1 \
        libc6 \
        libcurl4 \
        libfmt9 \
        libgcc-s1 \
        libhiredis0.14 \
        libjemalloc2 \
        libpq5 \
        libprometheus-cpp-core1.0 \
        librabbitmq4 \
        libsimdjson14 \
        libsoci-core4.0 \
        libsoci-postgresql4.0 \
        libsoci-sqlite3-4.0 \
        libspdlog1.10 \
        libsqlite3-0 \
        libssl3 \
        libstdc++6 \
        libtomlplusplus3 \
        zlib1g \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* \
    && install -d -o 10001 -g 10001 /var/lib/stampede
COPY --from=build /stampede /usr/local/bin/stampede
ENV STAMPEDE_NODE__DATA_DIRECTORY=/var/lib/stampede
WORKDIR /var/lib/stampede
# A number, so that Kubernetes can see that it is not root's.
USER 10001:10001
# HTTP, WebSocket and SockJS; other nodes; operations.
EXPOSE 8080 9081 9090
ENTRYPOINT ["/usr/local/bin/stampede"]
