#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Graph-data that is none, in full size: each gets a sentence and exit code 4, nothing is
# written, and memory stays bounded.
. "$(dirname "$0")/lib.sh"
need python3
TIME=$(command -v /usr/bin/time || :)
MOST_KIB=$((600 * 1024)) # sanitizers included; the worst input holds 1 GiB

python3 - "$WORLD/graph-data.tar.gz" "$WORK" <<'PY'
import gzip, io, sys, tarfile
source, work = sys.argv[1:]

with gzip.open(f"{work}/zeros.tar.gz", "wb", 9) as f:
    for _ in range(1024):
        f.write(bytes(1 << 20))

def archive(name, add, keep=lambda m: True):
    with tarfile.open(source) as old, tarfile.open(f"{work}/{name}.tar.gz", "w:gz", compresslevel=1) as new:
        for m in old:
            if keep(m):
                new.addfile(m, old.extractfile(m) if m.isfile() else None)
        add(new)

def member(new, name, kind=tarfile.REGTYPE, data=b"", target=""):
    m = tarfile.TarInfo(name)
    m.type, m.size, m.linkname = kind, len(data), target
    new.addfile(m, io.BytesIO(data))

def many(new):
    for i in range(100000):
        member(new, f"blocked-edges/file-{i:06}.yaml", data=b"to: 4.18.12\nfrom: x\n")

def many_skipped(new):
    for i in range(100000):
        member(new, f"elsewhere/file-{i:06}.txt")

nothing = lambda new: None
archive("many", many)
archive("many-skipped", many_skipped)
archive("huge", lambda new: member(new, "channels/huge.yaml", data=b"#" * (17 << 20)))
archive("upward", lambda new: member(new, "channels/../../../etc/passwd", data=b"x"))
archive("absolute", lambda new: member(new, "/etc/passwd", data=b"x"))
archive("symlink", lambda new: member(new, "channels/link.yaml", tarfile.SYMTYPE, target="/etc/passwd"))
archive("hardlink", lambda new: member(new, "channels/link.yaml", tarfile.LNKTYPE, target="version"))
archive("device", lambda new: member(new, "channels/device.yaml", tarfile.CHRTYPE))
archive("fifo", lambda new: member(new, "somewhere/fifo", tarfile.FIFOTYPE))
archive("twice", lambda new: member(new, "version", data=b"1.0.0\n"))
strip = lambda m: m.name.removeprefix("./")
archive("no-version", nothing, lambda m: strip(m) != "version")
archive("no-raw", nothing, lambda m: not strip(m).startswith("raw"))
archive("no-channels", nothing, lambda m: not strip(m).startswith("channels"))
archive("no-blocks", nothing, lambda m: not strip(m).startswith("blocked-edges"))
archive("future", lambda new: member(new, "version", data=b"2.0.0\n"), lambda m: strip(m) != "version")
archive("no-number", lambda new: member(new, "version", data=b"newest\n"), lambda m: strip(m) != "version")

whole = open(source, "rb").read()
open(f"{work}/truncated.tar.gz", "wb").write(whole[:len(whole) // 2])
open(f"{work}/no-trailer.tar.gz", "wb").write(whole[:-8])
flipped = bytearray(whole)
flipped[len(flipped) // 2] ^= 1
open(f"{work}/flipped.tar.gz", "wb").write(flipped)
open(f"{work}/cut.tar", "wb").write(gzip.decompress(whole)[:1024])
open(f"{work}/empty.tar.gz", "wb").write(b"")
open(f"{work}/page.tar.gz", "wb").write(b"<!DOCTYPE html><html><body>Please log in</body></html>")
open(f"{work}/answer.tar.gz", "wb").write(b'{"kind":"error"}')
open(f"{work}/noise.tar.gz", "wb").write(bytes(i * 7919 % 251 for i in range(100000)))
PY

refuse() { # FILE SENTENCE…
    local file=$1 text
    shift
    run 4 ${TIME:+"$TIME" -o "$WORK/usage" -f %M} "$OC_HOP" graph-data --graph-data "$WORK/$file" --arch amd64 "oci:$WORK/refused"
    says err "read graph-data"
    for text; do says err "$text"; done
    [ ! -e "$WORK/refused" ] || fail "an image was made of $file"
    if [ -n "$TIME" ]; then
        local kib
        kib=$(tail -n 1 "$WORK/usage")
        ((kib < MOST_KIB)) || fail "$file: $kib KiB of memory"
    fi
}

[ "$(stat -c %s "$WORK/zeros.tar.gz")" -lt $((1100 * 1024)) ] || fail "the zeros are no bomb"
refuse zeros.tar.gz "bytes inflated"
refuse many.tar.gz "more than"
refuse many-skipped.tar.gz "more than 50000 files and directories"
refuse huge.tar.gz channels/huge.yaml "more than a file may have"
refuse truncated.tar.gz "truncated"
refuse no-trailer.tar.gz "cut off or damaged"
refuse flipped.tar.gz
refuse cut.tar
refuse empty.tar.gz "it is empty"
refuse page.tar.gz "it is a web page, not a tar archive" "log-in page"
refuse answer.tar.gz "it is a JSON document"
refuse noise.tar.gz
refuse upward.tar.gz "channels/../../../etc/passwd" "unsafe"
refuse absolute.tar.gz /etc/passwd absolute
refuse symlink.tar.gz channels/link.yaml "is a link"
refuse hardlink.tar.gz channels/link.yaml "is a link"
refuse device.tar.gz channels/device.yaml "device"
refuse fifo.tar.gz somewhere/fifo "device or special file"
refuse twice.tar.gz version
refuse no-version.tar.gz 'no file `version`'
refuse no-raw.tar.gz "no file raw/metadata.json"
refuse no-channels.tar.gz "no directory channels/"
refuse no-blocks.tar.gz "no directory blocked-edges/"
refuse future.tar.gz "only major version 1"
refuse no-number.tar.gz "newest"

# The same faults in a directory.
tree() { # NAME: a fresh copy
    rm -rf "${WORK:?}/$1"
    cp -r "$WORLD/graph-data" "$WORK/$1"
}
tree linked
ln -s /etc/passwd "$WORK/linked/channels/link.yaml"
refuse linked "is a link"
tree piped
mkfifo "$WORK/piped/channels/pipe.yaml"
refuse piped "device or special file"
tree future && echo 2.0.0 >"$WORK/future/version"
refuse future "only major version 1"
tree bare && rm -r "$WORK/bare/channels"
refuse bare "no directory channels/"
run 1 "$OC_HOP" graph-data --graph-data "$WORK/absent" --arch amd64 "oci:$WORK/refused"
says err "$WORK/absent"

# An architecture that there is no copier for: how to get one.
run 2 "$OC_HOP" graph-data "${DATA[@]}" --arch riscv64 "oci:$WORK/refused"
says err riscv64
run 2 "$OC_HOP" graph-data "${DATA[@]}" "docker-archive:$WORK/refused"
says err "say which with --arch"
