# The image of retention: the compiled program, the policies and the jobs on a slim Node, run by a user without rights.
# Build it with scripts/build-image.sh, or any builder that knows cache mounts (BuildKit, podman, buildah).
# At run time the only writable places it needs are the ledger's folder, where the ledger is a file, and the folder of its mark.

# Compiles the TypeScript; nothing of this stage but dist/ goes further.
FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
RUN npm run build

# What runs in production: no development packages, and no install script of anybody's.
FROM node:22-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev --ignore-scripts

FROM node:22-bookworm-slim
WORKDIR /app
# The default ledger file lives here, and in state/ the mark of the last ledger, wherever that is; mount a volume on it to keep
# both. Without the mark nothing is enforced until somebody says that the ledger is right. /app itself stays root's: the
# program can read its policies and cannot change them.
RUN install --directory --owner=node --group=node --mode=0750 /var/lib/retention /var/lib/retention/state
ENV NODE_ENV=production \
    RETENTION_POLICIES=/app/policies \
    RETENTION_JOBS=/app/jobs \
    RETENTION_LEDGER=/var/lib/retention/ledger.db \
    RETENTION_STATE=/var/lib/retention/state
# From what changes least to what changes most.
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json package-lock.json ./
COPY --from=build /app/dist ./dist
COPY jobs ./jobs
COPY policies ./policies

ARG VERSION=0.0.0
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
LABEL org.opencontainers.image.title="retention" \
      org.opencontainers.image.description="Enforces retention policies for telecom records and proves it" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"

# Uid 1000. Kubernetes cannot tell from a name that it is not root: the manifests repeat it as runAsUser.
USER node
# No HEALTHCHECK: a scheduled run ends by itself and its exit code says how. Whoever keeps `worker` running adds one
# there (a probe of the last run's age), since the right age depends on the schedule.
# Exec form, so that node is the process that gets SIGTERM; it handles it, so no init is needed in front.
ENTRYPOINT ["node", "dist/main.js"]
CMD ["--help"]
