# The sandbox as an image: docker build --tag altegio-sandbox . && docker run --publish 8000:8000 altegio-sandbox
FROM python:3.13-slim AS build
COPY . /source
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels /source \
    && python -m venv /opt/altegio \
    && /opt/altegio/bin/pip install --no-cache-dir "$(ls /wheels/*.whl)[sandbox-tls]"

FROM python:3.13-slim
COPY --from=build /opt/altegio /opt/altegio
RUN useradd --system --create-home --home-dir /state sandbox
USER sandbox
WORKDIR /state
EXPOSE 8000
HEALTHCHECK --interval=2s --timeout=5s --start-period=30s --retries=5 \
    CMD ["/opt/altegio/bin/python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/sandbox/health')"]
ENTRYPOINT ["/opt/altegio/bin/altegio-sandbox", "--host", "0.0.0.0"]
