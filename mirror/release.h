/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Reads a release payload from its layers.
 *
 * Layers are given top first. For a path the topmost layer wins, a whiteout hides what
 * lies below, and within one layer the last member of a name wins (as unpacking does).
 * Memory is bounded: image-references 16 MiB, any other file 1 MiB, and of the manifests
 * only those are kept that may hold admin gates or verification keys.
 *
 *     HOP_AUTO(hop_payload) p = hop_payload_new();
 *     while (s == HOP_OK && !hop_payload_has_references(p) && more)
 *         s = hop_payload_add_layer(p, fd, size_bytes, err);
 *     s = hop_payload_read(p, "quay.io/org/release@sha256:…", &info, err);
 *     s = hop_release_info_check(&info, "4.16.3", "amd64", err);
 */
#ifndef HOP_RELEASE_H
#define HOP_RELEASE_H

#include "hop_resources.h"

typedef struct hop_payload hop_payload;
hop_payload *hop_payload_new(void) HOP_MUST_USE;
void hop_payload_free(hop_payload *p);
HOP_DEFINE_AUTO(hop_payload);

/** Adds the next lower layer: a tar, plain or in gzip or zstd, of size_bytes at offset 0
 * of `fd`. It is read by pread(), so the descriptor's offset does not matter and does not
 * change. Its digest must have been checked: gzip's own checksum is not looked at.
 * HOP_E_PARSE for what is no tar, HOP_E_LIMIT past a cap, HOP_E_IO. */
HOP_MUST_USE hop_status hop_payload_add_layer(hop_payload *p, int fd, uint64_t size_bytes,
                                              hop_error **err);
/** image-references and release-metadata were found: mirroring needs no further layer.
 * Stays false for a payload without release-metadata, until its layers end. */
bool hop_payload_has_references(const hop_payload *p);
/** release-metadata was found, which is all that an update service looks for. */
bool hop_payload_has_metadata(const hop_payload *p);
/** Admin gates and the verification ConfigMap were found too: no further layer matters.
 */
bool hop_payload_has_manifests(const hop_payload *p);

/** Reads what was found; `name` names the payload in errors. image-references is read
 * strictly (HOP_E_PARSE, HOP_E_NOT_FOUND), release-metadata leniently, and a manifest
 * that cannot be read goes to out->unreadable. On failure *out is untouched. */
HOP_MUST_USE hop_status hop_payload_read(const hop_payload *p, const char *name,
                                         hop_release_info *out, hop_error **err);

/** HOP_E_DIGEST when the payload is not the release that was planned: another version in
 * image-references or in release-metadata, or a part of a multi payload where a plain one
 * is wanted. The image config's architecture is the caller's to compare: it is not in the
 * payload's files. A missing release-metadata, or one without architecture, is accepted
 * for every architecture. */
HOP_MUST_USE hop_status hop_release_info_check(const hop_release_info *info,
                                               const char *version, const char *arch,
                                               hop_error **err);

/** Whether an array of its release-metadata, "previous" or "next", has this version in
 * it. False without the document or the array. */
bool hop_release_info_lists(const hop_release_info *info, const char *member,
                            const char *version);

#endif
