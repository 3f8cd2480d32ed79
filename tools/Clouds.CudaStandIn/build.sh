#!/usr/bin/env bash
# Makes the libraries that stand in for CUDA's:  build.sh PROVIDER DRIVER OUT
#   PROVIDER  libonnxruntime_providers_cuda.so, which is asked what it wants
#   DRIVER    the published tools/Clouds.Emulator.Driver (libcuda.so)
#   OUT       folder; put it on LD_LIBRARY_PATH
# Needs gcc or clang, and nm. What the C files here do not define and the provider wants is generated: a function that answers 0 and, where
# it computes, is counted.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source "$here/../sentences.sh"
[ $# = 3 ] || stop 2 'usage: build.sh PROVIDER DRIVER OUT'
provider=$1 driver=$2 out=$3
compiler=$(command -v gcc || command -v clang) || stop 3 'no C compiler (gcc or clang)'
command -v nm >/dev/null || stop 3 'nm is missing (package binutils)'
mkdir -p "$out/made"
cp "$driver" "$out/libcuda.so.1"

wanted=$(nm -D --undefined-only "$provider" | awk '{ sub(/@.*/, "", $NF); print $NF }' | sort -u)
names() { grep -E "$1" <<<"$wanted" || true; }
defines() { grep -qE "^[a-z].*[ *]$1\(" "$2"; }

# NAME SOURCE SYMBOLS...: the library NAME of SOURCE and generated functions, with the version node that the loader checks.
library() {
  local name=$1 source=$here/$2 made=$out/made/$1.c symbol answer
  shift 2
  echo '#include "standin.h"' >"$made"
  for symbol in "$@"; do
    defines "$symbol" "$source" && continue
    answer=0
    [[ $symbol =~ (gemm|geam|getr[fi]|Matmul$|Transform$|Forward|Backward|Execute|Tensor$|scal_|copy_) ]] && answer='(standin_count(LIBRARY_CALL), 0)'
    printf 'int %s(void) { return %s; }\n' "$symbol" "$answer" >>"$made"
  done
  printf '%s { global: %s local: *; };\n' "$name" "$(printf '%s; ' "$@")" >"$out/made/$name.map"
  "$compiler" -shared -fPIC -O1 -Wall -Wno-unused-parameter -I"$here" -Wl,-soname,"$name" -Wl,--version-script="$out/made/$name.map" \
    -o "$out/$name" "$source" "$made" -L"$out" -l:libcuda.so.1 -ldl || stop 1 "$name cannot be compiled; the compiler's words stand above"
}

library libcudart.so.13 cudart.c $(names '^(__)?cuda[A-Z]')
library libcublas.so.13 cublas.c cublasGetProperty $(names '^cublas' | grep -v '^cublasLt')
library libcublasLt.so.13 cublas.c cublasLtGetProperty $(names '^cublasLt')
library libcurand.so.10 curand.c curandGetProperty $(names '^curand')
# The provider looks for these by name, so that its own list of wanted symbols has none of them: they are read from its strings.
library libcudnn.so.9 cudnn.c cudnnGetProperty $(strings -a "$provider" | grep -xE 'cudnn[A-Z][A-Za-z0-9]*(_v[0-9]+)?' | sort -u)

absent=$(comm -23 <(names '^cu[A-Z]') <(nm -D --defined-only "$out/libcuda.so.1" | awk '{ sub(/@.*/, "", $NF); print $NF }' | sort -u))
[ -z "$absent" ] || stop 1 "the provider wants entry points of the driver that the emulator lacks: $(echo $absent)"
