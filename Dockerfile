# syntax=docker/dockerfile:1

FROM rust:1.90.0-slim-bookworm AS build
WORKDIR /src
COPY Cargo.toml Cargo.lock build.rs ./
COPY src src
COPY policies policies
COPY ci ci
COPY benches benches
COPY README.md ./
RUN cargo install --locked --path . --root /out

FROM debian:bookworm-20250929-slim
# The certificates that `plangate comment` trusts.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/bin/plangate /usr/local/bin/plangate
USER 65532:65532
WORKDIR /work
ENTRYPOINT ["plangate"]
CMD ["--help"]
