# One image for all of our processes: docker-compose.yml says which runs. It could not be built where it was written (docs/production.md).
FROM python:3.12-slim

WORKDIR /siwrnai
COPY requirements.lock pyproject.toml README.md ./
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY . .
RUN pip install --no-cache-dir --no-deps --no-build-isolation --editable . \
    && useradd --system --create-home siwrnai \
    && install -d -o siwrnai -m 700 /keys
USER siwrnai
