#!/usr/bin/env bash
# Fetches NVRTC 11.8 (Debian's non-free libnvrtc11.2 and libnvrtc-builtins11.8) into this user's folder of Clouds.Native, where every
# clouds of the user looks for it.
# The machine's package lists and installed packages stay untouched. Prints the folder that holds the libraries.
# exit 0 done or there already, 3 the machine cannot get them (the reason is on standard error)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

data=${XDG_DATA_HOME:-${HOME:?there is no HOME to put it into}/.local/share}
cache=$data/clouds/nvrtc
libraries=$cache/lib
packages=(libnvrtc11.2 libnvrtc-builtins11.8)

stop() { printf 'fetch-nvrtc: %s\n' "$*" >&2; exit 3; }
complete() { ls "$libraries"/libnvrtc.so.11.* "$libraries"/libnvrtc-builtins.so.11.8* >/dev/null 2>&1; }

if complete; then printf '%s\n' "$libraries"; exit 0; fi
[ "$(uname -sm)" = 'Linux x86_64' ] || stop "the packages are for Linux x86_64; this is $(uname -sm)"
for program in apt-get dpkg; do command -v "$program" >/dev/null || stop "$program is not on this machine"; done

# The mirror that the machine itself uses, with the suite that has these versions.
mirror=$(apt-get indextargets --format '$(ORIGIN) $(REPO_URI)' 'Created-By: Packages' | awk '$1 == "Debian" { print $2; exit }')
[ -n "$mirror" ] || mirror=$(sed -n 's/^URIs: *//p; s/^deb \(\[[^]]*\] \)\?\([^ ]*\) .*/\2/p' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep '/debian/\?$' | head -n 1)
[ -n "$mirror" ] || stop 'no Debian mirror in the package lists of this machine'
keys=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r "$keys" ] || stop "$keys is missing"

work=$cache/apt
mkdir -p "$work/lists/partial" "$work/archives/partial" "$work/download"
printf 'deb [signed-by=%s] %s bookworm main non-free\n' "$keys" "$mirror" > "$work/sources.list"
options=(-qq
  -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
  -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work" -o "Dir::Cache::Archives=$work/archives"
  -o APT::Sandbox::User=root)
apt-get "${options[@]}" update >&2 || stop "apt-get update failed for $mirror (component non-free)"
(cd "$work/download" && apt-get "${options[@]}" download "${packages[@]}" >&2) || stop "apt-get download ${packages[*]} failed"

for package in "$work"/download/*.deb; do dpkg -x "$package" "$work/unpacked"; done
rm -rf "$libraries.new"
mkdir -p "$libraries.new"
find "$work/unpacked" -name 'libnvrtc*.so*' -exec cp -P {} "$libraries.new/" \;
rm -rf "$libraries"
mv "$libraries.new" "$libraries"
rm -rf "$work"
complete || stop 'the packages do not hold the expected libraries'
printf '%s\n' "$libraries"
