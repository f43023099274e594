# One image for all roles: `parley serve` (everything in one process) or `parley serve --roles connectors|router|inbox`.

ARG PYTHON=3.13

# --- wheels: everything that is installed, checked against the hashes of the lock --------------------------------
FROM python:${PYTHON}-slim AS wheels
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
COPY requirements.lock ./
RUN pip wheel --no-cache-dir --require-hashes --wheel-dir /wheels -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY stream stream
COPY connectors connectors
COPY router router
COPY inbox inbox
COPY config config
# setuptools is in the lock: the project is built without fetching anything that has no hash.
RUN pip install --no-cache-dir --no-index --find-links /wheels setuptools \
    && pip wheel --no-cache-dir --no-deps --no-index --no-build-isolation --wheel-dir /wheels .

# --- environment: made where it will stand, so that its scripts name the right interpreter -------------------------
FROM python:${PYTHON}-slim AS environment
COPY --from=wheels /wheels /wheels
RUN python -m venv --without-pip /opt/parley \
    && pip --python /opt/parley/bin/python install --no-cache-dir --no-index --find-links /wheels --no-compile parley \
    && /opt/parley/bin/python -m compileall -q /opt/parley/lib \
    && /opt/parley/bin/parley version

# --- the image: no pip index, no compiler, no root -----------------------------------------------------------------
FROM python:${PYTHON}-slim
LABEL org.opencontainers.image.title="Parley" \
      org.opencontainers.image.description="Omnichannel message router and agent inbox" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 parley \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin parley \
    && install -d -o parley -g parley -m 0700 /data \
    && install -d -m 0755 /config
COPY --from=environment /opt/parley /opt/parley
ENV PATH=/opt/parley/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /data
USER 10001:10001
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 CMD ["parley", "healthcheck"]
# SIGTERM drains: what is acknowledged is committed, sockets are told to come back.
STOPSIGNAL SIGTERM
ENTRYPOINT ["parley"]
CMD ["serve"]
