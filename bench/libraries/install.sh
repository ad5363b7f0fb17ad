#!/bin/sh
# Makes the projects of bench/libraries.ts in a folder: sh install.sh FOLDER. Needs npm, python3, go and cargo.
set -eu
mkdir -p "$1" && cd "$1"

mkdir -p js/src && (
  cd js
  echo '{ "name": "js", "version": "1.0.0" }' > package.json
  npm install --ignore-scripts --no-audit --no-fund react @types/react express @types/express lodash \
    @types/lodash axios zod vue react-router-dom @types/node
)

mkdir -p py/app && (
  cd py
  python3 -m venv .venv
  .venv/bin/pip install --quiet flask requests numpy pytest rich pygments
)

mkdir -p go && (
  cd go
  printf 'module example.com/go\n\ngo 1.21\n' > go.mod
  go get github.com/gin-gonic/gin github.com/spf13/cobra
)

mkdir -p rs/src && (
  cd rs
  printf '[package]\nname = "rs"\nversion = "0.1.0"\nedition = "2021"\n' > Cargo.toml
  echo 'fn main() {}' > src/main.rs
  cargo add --quiet serde --features derive
  cargo add --quiet serde_json anyhow clap regex tokio
  cargo fetch
)

mkdir -p c/src c/third_party/zip
cat > c/third_party/zip/zip.h << 'EOF'
#ifndef ZIP_H
#define ZIP_H
typedef struct zip_handle zip_handle;
struct zip_archive_options { int level; int zip64; };
zip_handle *zip_open_archive(const char *path, const struct zip_archive_options *options);
int zip_count_entries(zip_handle *zip);
int zip_read_entry(zip_handle *zip, int index, void *buffer, unsigned long size);
void zip_close_archive(zip_handle *zip);
#endif
EOF
