#!/bin/sh
# Builds the image of retention from this checkout, with docker, podman or buildah: the first of them that works.
#
#   scripts/build-image.sh [options passed on to the builder]
#
#   IMAGE   the name to give it (default: retention:<version in package.json>)
#   ENGINE  docker, podman or buildah, to choose instead of looking
#   SOURCE_DATE_EPOCH  the time written in the labels, in seconds (default: that of the last commit, else now)
#
# Examples:
#   scripts/build-image.sh
#   IMAGE=compliance/retention:0.1.0 scripts/build-image.sh --pull
#   BUILDAH_ISOLATION=chroot STORAGE_DRIVER=vfs ENGINE=buildah scripts/build-image.sh --network host
#     (inside a container, where there is neither a daemon nor namespaces)
set -eu

cd "$(dirname "$0")/.."

engine() {
  if [ -n "${ENGINE:-}" ]; then
    echo "$ENGINE"
  # A docker client without a daemon to talk to is common on build machines: it does not count.
  elif command -v docker >/dev/null && docker info >/dev/null 2>&1; then
    echo docker
  elif command -v podman >/dev/null && podman info >/dev/null 2>&1; then
    echo podman
  elif command -v buildah >/dev/null; then
    echo buildah
  else
    echo 'build-image: none of docker, podman and buildah works here' >&2
    return 1
  fi
}

utc() {
  # GNU date takes @seconds, BSD date takes -r seconds.
  date -u -d "@$1" +%Y-%m-%dT%H:%M:%SZ 2>/dev/null || date -u -r "$1" +%Y-%m-%dT%H:%M:%SZ
}

engine=$(engine)
version=$(sed -n 's/^  "version": "\(.*\)",*$/\1/p' package.json)
revision=$(git rev-parse --verify --quiet HEAD 2>/dev/null || echo unknown)
epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
image=${IMAGE:-retention:$version}

set -- \
  --file Dockerfile \
  --tag "$image" \
  --build-arg "VERSION=$version" \
  --build-arg "REVISION=$revision" \
  --build-arg "CREATED=$(utc "$epoch")" \
  "$@" .

case $engine in
  # BuildKit is the default since docker 23; older ones need to be told, for the cache mounts.
  docker) DOCKER_BUILDKIT=1 docker build "$@" ;;
  podman) podman build "$@" ;;
  buildah) buildah build "$@" ;;
  *) echo "build-image: ENGINE is docker, podman or buildah, not $engine" >&2; exit 2 ;;
esac

echo "$engine built $image"
