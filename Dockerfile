# Odoo 19 Community with these addons, as packed by `pip wheel`. See compose.yaml.
FROM python:3.12-slim AS wheels
COPY . /src
WORKDIR /src
RUN pip wheel --no-deps --wheel-dir /wheels .

FROM odoo:19.0
USER root
COPY --from=wheels /wheels /tmp/wheels
RUN pip3 install --no-deps --break-system-packages /tmp/wheels/*.whl && rm -r /tmp/wheels
USER odoo
