/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * `mirror … dir:PATH`: removable media as the destination, from the flags to the last
 * file on it.
 *
 *     hop_media_target t = {0};
 *     s = hop_media_target_read(o, "dir:/media/usb", &t, err);
 *     s = hop_media_target_open(&t, o, &order, err);
 *     ... the mirror runs with t.writer ...
 *     s = hop_media_target_finish(&t, &parts, err);
 *     hop_media_target_clear(&t);
 */
#ifndef MEDIA_TARGET_H
#define MEDIA_TARGET_H

#include "hop_media_writer.h"
#include "mirror_resources.h"

/** Stands in resources where the registry's name will be; reserved by RFC 2606, so that
 * nothing that names it can be applied by mistake. */
#define HOP_MEDIA_HOST "registry-not-loaded-yet.invalid"

typedef struct hop_media_target {
    const char *path; /* borrowed; NULL: the destination is something else */
    hop_media_format format;
    bool has_clients;
    uint64_t volume_bytes; /* 0: a directory */
    hop_media_writer *writer;
    hop_inventory since;
    hop_keyring key;    /* that signs; without data: none */
    hop_buf graph_data; /* the archive; empty without */
    hop_media media;    /* after finish */
} hop_media_target;

/** Takes `dir:PATH`; leaves `path` NULL for another destination. HOP_E_USAGE for flags
 * that make no sense with media. */
HOP_MUST_USE hop_status hop_media_target_read(const hop_options *o, const char *text,
                                              hop_media_target *out, hop_error **err);
/** Locks the directory. HOP_E_USAGE when it holds other releases. */
HOP_MUST_USE hop_status hop_media_target_open(hop_media_target *t, const hop_options *o,
                                              const hop_order *order, hop_error **err);

/** The client of this release, by its index in the order, goes onto the media: it is the
 * target of a plan, or the last that was named. */
bool hop_media_target_gives_client(const hop_media_target *t, const hop_order *order,
                                   size_t release);

/** Takes the clients out of what has arrived; `paths` gets them as seen from the
 * resources. Before hop_media_target_finish(). */
HOP_MUST_USE hop_status hop_media_target_add_clients(hop_media_target *t,
                                                     const hop_mirror *mirror,
                                                     hop_strings *paths, hop_error **err);

typedef struct hop_media_parts {
    const hop_order *order;
    const hop_trust *trust;
    const hop_resources_place *place;
    const hop_mirror *mirror;
    const hop_digest *graph_data; /* tree hash; "" without the data */
    const hop_tree *resources;    /* empty: not all has arrived */
} hop_media_parts;

/** Writes what stands beside the blobs, and the inventory. */
HOP_MUST_USE hop_status hop_media_target_finish(hop_media_target *t,
                                                const hop_media_parts *parts,
                                                hop_error **err);
void hop_media_target_clear(hop_media_target *t);

#endif
