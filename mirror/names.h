/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The tags that images get at the destination (DESIGN.md, "Mirroring rules").
 *
 * A version's '+' becomes '_': '+' is not legal in a tag, and '_' not in a version, so
 * two versions never share a tag.
 *
 *     hop_name_component_tag("4.16.3", "amd64", "etcd")    "4.16.3-x86_64-etcd"
 */
#ifndef HOP_NAMES_H
#define HOP_NAMES_H

#include "hop_oci.h"

/** SemVer's alphabet, beginning with a digit, at most 100 bytes: enough to be sure that
 * it is harmless in a tag, a path and a command. Ordering is graph/'s matter. */
bool hop_name_version_is_valid(const char *version);
/** Letters, digits, '.', '_' and '-', at most 100 bytes, beginning with a letter or
 * digit. */
bool hop_name_component_is_valid(const char *component);

/* Heap strings. NULL when an input does not fit its grammar, or the tag would pass 128
 * bytes. */
char *hop_name_payload_tag(const char *version, const char *arch) HOP_MUST_USE;
char *hop_name_component_tag(const char *version, const char *arch,
                             const char *component) HOP_MUST_USE;
/** "sha256-<hex>.sig", for sigstore signatures: beside the image that they sign. */
char *hop_name_signature_tag(const hop_digest *digest) HOP_MUST_USE;

#endif
