/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Writes removable media (hop_media.h says what stands on them).
 *
 * Blobs arrive through a mirror that was given the writer; the small files and the
 * inventory are added when it is finished. Everything goes through partial/ and is
 * flushed before it gets its final name, and index.json and oc-hop.json come last, so
 * that media that were pulled out half-way hold nothing wrong and the same command goes
 * on where it ended. One writer at a time: the lock is the kernel's, and gone with the
 * process.
 *
 * Volumes are written in order as the blobs come, without a copy of them on disk; what
 * was interrupted goes on with the volume that was not done.
 *
 *     HOP_AUTO(hop_media_writer) w = NULL;
 *     s = hop_media_writer_open(&(hop_media_writer_opts){.path = "/media/usb"}, &w, err);
 *     ... hop_mirror_opts.media = w, step the mirror to its end ...
 *     hop_mirror_get_media(m, &media);
 *     s = hop_media_writer_add_file(w, &media, "plan-amd64.json", text, len, err);
 *     s = hop_media_writer_finish(w, &media, err);
 */
#ifndef HOP_MEDIA_WRITER_H
#define HOP_MEDIA_WRITER_H

#include "hop_media.h"

/* What to do when the disk fills up on the way. */
#define HOP_MEDIA_HINT_FULL \
    "free some space and run the same command again: it goes on where this run ended"

struct hop_keyring;
typedef struct hop_media_writer hop_media_writer;

typedef struct hop_media_writer_opts {
    hop_media_format format;    /* volumes, since and signing are for our own */
    const char *path;           /* made when it is not there */
    uint64_t max_file_bytes;    /* longest file; 0: what the file system bears */
    const hop_inventory *since; /* blobs that the far side has; copied; NULL: none */
    const struct hop_keyring *signing_key; /* signs oc-hop.json; borrowed until the writer
                                       is freed; NULL: it is not signed */
    uint64_t now_s;                        /* of the signature */
    uint64_t volume_bytes;      /* write volumes of at most this size; 0: a directory */
    const char *volume_command; /* run as COMMAND FILE NUMBER for each that is done; NULL
                                   for none */
    uint64_t seed;              /* differs between runs: names a set of volumes */
} hop_media_writer_opts;

/** Takes the lock. HOP_E_USAGE when the directory is neither empty nor media, HOP_E_IO
 * when another process writes to it. */
HOP_MUST_USE hop_status hop_media_writer_open(const hop_media_writer_opts *opts,
                                              hop_media_writer **out, hop_error **err);
void hop_media_writer_free(hop_media_writer *w);
HOP_DEFINE_AUTO(hop_media_writer);

/** The inventory that is there from an earlier run; out->releases is empty when there is
 * none. */
HOP_MUST_USE hop_status hop_media_writer_read(const hop_media_writer *w, hop_media *out,
                                              hop_error **err);

/** Writes a file and lists it in media->files. HOP_E_USAGE for a path that is not safe on
 * every file system; HOP_E_DISK when the space ends. */
HOP_MUST_USE hop_status hop_media_writer_add_file(hop_media_writer *w, hop_media *media,
                                                  const char *path, const void *data,
                                                  size_t len, hop_error **err);

/** Writes oci-layout, index.json, oc-hop.json and SHA256SUMS, and flushes all names. */
HOP_MUST_USE hop_status hop_media_writer_finish(hop_media_writer *w, hop_media *media,
                                                hop_error **err);

#endif
