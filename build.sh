#!/usr/bin/env bash
# The one entry point: fetches what the machine lacks, then hands over to build.cake.
cd "$(dirname "${BASH_SOURCE[0]}")"
source tools/sentences.sh

usage() {
  cat <<'TEXT'
usage: ./build.sh VERB [options]

  demo      build, run the whole method in miniature on computer-drawn streets, offline,
            write a page that explains it to artifacts/demo (-- --quick: the short form)
  test      build (Release) and run every test; the last line is "N passed, N failed, N skipped"
  lint      formatting and style of all sources, architecture tests
  publish   artifacts/linux-x64/clouds: one self-contained executable, native libraries inside
            --cuda: artifacts/linux-x64-cuda/: the executable with ONNX Runtime and its CUDA provider beside it
  bench     clouds bench; what follows "--" goes to it
  pack      artifacts/packages: Clouds.Native.<version>.nupkg, Clouds.Native.ImageSharp.<version>.nupkg
  help      this text

options
  --kind KIND         test: only fast, emulated, published or gpu tests
  --filter TEXT       test: only tests that match, in dotnet test's filter language
  -- ARGUMENTS        demo, bench: handed to the clouds executable

needs     Linux x64 (glibc) and the .NET 10 SDK, which is installed where that is possible: with apt as root,
          otherwise into .tools/dotnet.
exit      0 done, 1 the build or a test failed, 2 wrong usage, 3 a prerequisite is missing
TEXT
}

# ---- command line -----------------------------------------------------------------------------------------------

verb=${1:-help}
[ $# -gt 0 ] && shift
case $verb in
  demo|test|lint|publish|bench|pack) ;;
  help|-h|--help) usage; exit 0 ;;
  *) usage >&2; stop 2 "unknown verb '$verb'" ;;
esac

cuda=false filter='' kind='' arguments=''
while [ $# -gt 0 ]; do
  case $1 in
    --cuda) cuda=true ;;
    --filter) filter=${2:-}; shift ;;
    --filter=*) filter=${1#*=} ;;
    --kind) kind=${2:-}; shift ;;
    --kind=*) kind=${1#*=} ;;
    --) shift; [ $# -gt 0 ] && arguments=$(printf '"%s" ' "$@"); break ;;
    -h|--help) usage; exit 0 ;;
    *) stop 2 "unknown option '$1' (./build.sh help lists them)" ;;
  esac
  shift || stop 2 'the last option wants a value'
done
if $cuda && [ "$verb" != publish ]; then stop 2 '--cuda belongs to publish'; fi
if [ -n "$filter$kind" ] && [ "$verb" != test ]; then stop 2 '--filter and --kind belong to test'; fi
case $kind in
  '') ;;
  fast|emulated|published|gpu) filter="Kind=$kind${filter:+&($filter)}" ;;
  *) stop 2 "unknown kind '$kind': fast, emulated, published or gpu" ;;
esac
if [ -n "$arguments" ] && [ "$verb" != demo ] && [ "$verb" != bench ]; then stop 2 'arguments after -- belong to demo and bench'; fi

# ---- surroundings -----------------------------------------------------------------------------------------------

[ -w "${HOME:-}" ] || stop 3 "HOME ('${HOME:-}') is no folder that can be written to: dotnet and NuGet keep their caches there"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1 DOTNET_CLI_UI_LANGUAGE=en
export CAKE_SETTINGS_SKIPPACKAGEVERSIONCHECK=true CAKE_PATHS_TOOLS=./.tools
# Build servers that outlive the build keep a CI job's pipes open.
if [ "${CI:-}" = true ]; then export MSBUILDDISABLENODEREUSE=1; fi
if [ ! -t 1 ]; then export NO_COLOR=1 MSBUILDTERMINALLOGGER=off; fi

has() { command -v "$1" >/dev/null 2>&1; }
as_root() { [ "$(id -u)" = 0 ]; }

apt_offers() {
  as_root && has apt-get || return 1
  apt-cache show "$1" >/dev/null 2>&1 && return 0
  apt-get update -qq >&2 && apt-cache show "$1" >/dev/null 2>&1
}

apt_install() {
  say "installing $* with apt"
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

download() { # URL FILE
  if has curl; then curl -fsSL --retry 3 -o "$2" "$1"; elif has wget; then wget -q -O "$2" "$1"; else return 1; fi
}

# ---- .NET SDK ---------------------------------------------------------------------------------------------------

sdk_works() { has dotnet && dotnet --version >/dev/null 2>&1; } # fails where global.json's SDK is absent

use_sdk_in() {
  [ -x "$1/dotnet" ] || return 1
  export DOTNET_ROOT=$1 PATH="$1:$PATH"
  sdk_works
}

install_sdk() {
  if apt_offers dotnet-sdk-10.0; then apt_install dotnet-sdk-10.0 && sdk_works && return 0; fi
  say 'installing the .NET 10 SDK into .tools/dotnet with the official script'
  mkdir -p .tools
  download https://dot.net/v1/dotnet-install.sh .tools/dotnet-install.sh || return 1
  bash .tools/dotnet-install.sh --channel 10.0 --install-dir "$PWD/.tools/dotnet" --no-path >&2 || return 1
  use_sdk_in "$PWD/.tools/dotnet"
}

ensure_sdk() {
  # Neither the SDK nor clouds needs culture data; a bare machine has no libicu.
  if ! ls /usr/lib/x86_64-linux-gnu/libicuuc.so.* /usr/lib64/libicuuc.so.* >/dev/null 2>&1; then
    export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
  fi
  sdk_works && return
  use_sdk_in "$PWD/.tools/dotnet" && return
  use_sdk_in "$HOME/.dotnet" && return
  install_sdk && return
  stop 3 'the .NET 10 SDK is missing and could not be installed from here' \
    'with root on Debian or Ubuntu: add the Microsoft package feed, then apt-get install dotnet-sdk-10.0' \
    'without root: bash dotnet-install.sh --channel 10.0 (from https://dot.net/v1/dotnet-install.sh); ~/.dotnet is found by itself'
}

# ---- go ---------------------------------------------------------------------------------------------------------

[ "$(uname -sm)" = 'Linux x86_64' ] || stop 3 "Clouds.Native builds on Linux x86_64; this is $(uname -sm)"
ensure_sdk

# The tests of the CUDA kernels compile them with NVRTC; where it cannot be had they are skipped and counted.
if [ "$verb" = test ]; then
  timeout 180 bash tools/fetch-nvrtc.sh >/dev/null || say 'NVRTC is not here, tests of the CUDA kernels will be skipped'
  # What stands in for the NVIDIA driver is compiled ahead of time, and a C compiler links it.
  if ! has gcc && ! has clang && apt_offers gcc; then apt_install gcc libc6-dev || true; fi
  # The page of `clouds serve` is looked at in a browser, where there is one.
  if ! has chromium-headless-shell && ! has chromium && apt_offers chromium-headless-shell; then apt_install chromium-headless-shell || true; fi
  if ! has mpirun && apt_offers openmpi-bin; then apt_install openmpi-bin libopenmpi3 || true; fi
fi
dotnet tool restore >/dev/null || dotnet tool restore >&2 || stop 3 'dotnet tool restore failed; its messages stand above'

options=(--verbosity=minimal "--target=$verb" "--cuda=$cuda")
[ -n "$filter" ] && options+=("--filter=$filter")
[ -n "$arguments" ] && options+=("--arguments=$arguments")
# Bash hears a signal only when the command in front has ended, so this one stands behind; in a process group of its own, so that all of it ends.
set -m
dotnet cake build.cake "${options[@]}" </dev/null &
build=$!
set +m
hand_on() { # SIGNAL STATUS
  kill "-$1" -- "-$build"
  wait "$build" || true
  stop "$2" "$verb was ended by SIG$1"
}
trap 'hand_on TERM 143' TERM
trap 'hand_on INT 130' INT
trap 'hand_on HUP 129' HUP
wait "$build" || { status=$?; stop $status "$verb failed with status $status; its messages stand above"; }
