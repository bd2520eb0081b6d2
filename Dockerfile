# One image, three programs: the API, a worker, the `spillway` command. Which one runs is the command's choice.
FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY . .
# `install`, not `ci`: see scripts/prepare.mjs. Tests and benches are not in the image, so the programs are built by name.
RUN npm install --no-save --ignore-scripts --no-audit --no-fund \
 && node node_modules/typescript/bin/tsc -b apps/api apps/worker apps/cli \
 && node scripts/stamp-core.mjs \
 && npm prune --omit=dev --no-save --ignore-scripts --no-audit --no-fund

FROM node:20-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build --chown=root:root /app /app
USER node
EXPOSE 7420
CMD ["node", "apps/api/dist/main.js"]
