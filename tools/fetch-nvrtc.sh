#!/usr/bin/env bash
# Fetches NVRTC 11.8 (Debian's non-free libnvrtc11.2 and libnvrtc-builtins11.8) into this user's folder of Clouds.Native, where every
# clouds of the user looks for it.
# The machine's package lists and installed packages stay untouched. Prints the folder that holds the libraries.
# exit 0 done or there already, 3 the machine cannot get them (the reason is on standard error)
cd "$(dirname "${BASH_SOURCE[0]}")"
source ./sentences.sh

data=${XDG_DATA_HOME:-${HOME:+$HOME/.local/share}}
[ -n "$data" ] || stop 3 'neither XDG_DATA_HOME nor HOME says where to put it'
cache=$data/clouds/nvrtc
libraries=$cache/lib
packages=(libnvrtc11.2 libnvrtc-builtins11.8)

complete() { ls "$libraries"/libnvrtc.so.11.* "$libraries"/libnvrtc-builtins.so.11.8* >/dev/null 2>&1; }

if complete; then printf '%s\n' "$libraries"; exit 0; fi
[ "$(uname -sm)" = 'Linux x86_64' ] || stop 3 "the packages are for Linux x86_64; this is $(uname -sm)"
for program in apt-get dpkg; do command -v "$program" >/dev/null || stop 3 "$program is not on this machine"; done
keys=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r "$keys" ] || stop 3 "$keys is missing: the packages are Debian's, and this tells that they are"

mkdir -p "$cache" && work=$(mktemp -d "$cache/apt.XXXXXX") || stop 3 "cannot write to $cache"
clean_up() { rm -rf "$work"; }
mkdir -p "$work/lists/partial" "$work/archives/partial" "$work/download" "$work/lib"
options=(-qq
  -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
  -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work" -o "Dir::Cache::Archives=$work/archives"
  -o APT::Sandbox::User=root -o APT::Update::Error-Mode=any)

# Where the machine itself gets packages from, as apt reads its configuration; no list needs to have been fetched yet. Which of them
# are Debian's is told by the signature.
sources=$(apt-get indextargets --no-release-info --format '$(SITE)' 'Created-By: Packages' | sort -u) ||
  stop 3 'apt-get does not say where this machine gets its packages from'
[ -n "$sources" ] || stop 3 'no package source is set up in /etc/apt'

fetch_lists() {
  local source
  for source in $sources; do
    printf 'deb [signed-by=%s] %s bookworm main non-free\n' "$keys" "$source" > "$work/sources.list"
    apt-get "${options[@]}" update >&2 && return
  done
  return 1
}

fetch_lists || stop 3 "none of this machine's package sources serves Debian bookworm's non-free packages now:" $sources
(cd "$work/download" && apt-get "${options[@]}" download "${packages[@]}" >&2) || stop 3 "apt-get download ${packages[*]} failed"

for package in "$work"/download/*.deb; do dpkg -x "$package" "$work/unpacked" || stop 3 "dpkg cannot unpack $package"; done
find "$work/unpacked" -name 'libnvrtc*.so*' -exec cp -P {} "$work/lib/" \;
rm -rf "$libraries"
mv "$work/lib" "$libraries"
complete || stop 3 'the packages do not hold the expected libraries'
printf '%s\n' "$libraries"
