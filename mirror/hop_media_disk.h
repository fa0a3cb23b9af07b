/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Media opened for reading: one directory, or several that carry one media together.
 *
 * Nothing on media is trusted. Names that lead out, links, devices and pipes are refused
 * wherever they stand in the way; sizes and counts have limits; a file is never opened
 * through a link. What a file holds is for the caller to hash: a reader gives bytes, not
 * promises.
 *
 *     HOP_AUTO(hop_media_disk) disk = NULL;
 *     s = hop_media_disk_open(&dirs, &disk, err);
 *     HOP_AUTO(hop_media_reader) r = NULL;
 *     s = hop_media_disk_open_blob(disk, &digest, &r, err);
 *     while (hop_media_reader_read(r, at, data, cap, &got, err) == HOP_OK && got > 0)
 *         at += got;
 */
#ifndef HOP_MEDIA_DISK_H
#define HOP_MEDIA_DISK_H

#include "hop_media.h"

/** Files in blobs/sha256 of one directory. */
#define HOP_MEDIA_MAX_BLOBS ((size_t)200000)
#define HOP_MEDIA_MAX_DIRS ((size_t)1000)

struct hop_signatures;
typedef struct hop_media_disk hop_media_disk;

/**
 * Opens directories and reads oc-hop.json, which must stand in exactly one of them, or be
 * the same in all. Without one, a directory with v2/openshift/release is the layout of
 * stock oc, whose inventory is made of its tags. HOP_E_NOT_FOUND when there is neither;
 * HOP_E_PARSE for a malformed or newer document; HOP_E_USAGE for the layout of oc beside
 * other directories; HOP_E_LIMIT; HOP_E_IO. The directories stay open until the disk is
 * freed.
 */
HOP_MUST_USE hop_status hop_media_disk_open(const hop_strings *dirs, hop_media_disk **out,
                                            hop_error **err);

typedef enum hop_media_reading {
    HOP_MEDIA_READ_INDEX, /* only what is small; blobs when they are wanted */
    HOP_MEDIA_READ_ALL,   /* and hashes every byte: nothing has to be read twice */
} hop_media_reading;

/**
 * A drive into which volumes are put one after the other.
 *
 * All volumes are seen once when the disk is opened, as the last one has oc-hop.json;
 * what is small is kept in a temporary file. Later, whoever reads what is on another
 * volume than the one that is there makes the volumes change. Before `change` is called
 * nothing is open any more in the directory, unless a reader is.
 */
typedef struct hop_media_drive {
    /** Puts volume `number` into the directory. `why` says what is wrong with what was
     * put there before, or NULL. Another status than HOP_OK ends what was asked for. */
    hop_status (*change)(void *user, unsigned number, const char *why, hop_error **err);
    /** Bytes read so far while the disk is opened. May be NULL. */
    hop_status (*tick)(void *user, uint64_t done, uint64_t total, hop_error **err);
    void *user;
    const char *tmp_dir; /* NULL: "/tmp" */
    hop_media_reading reading;
} hop_media_drive;

/** Like hop_media_disk_open() of one directory with volumes, of which one is there at a
 * time. HOP_E_USAGE when there is no volume but other media; HOP_E_NOT_FOUND when
 * `change` did not bring a volume; HOP_E_DISK, HOP_E_IO for the temporary file. */
HOP_MUST_USE hop_status hop_media_disk_open_drive(const char *dir,
                                                  const hop_media_drive *drive,
                                                  hop_media_disk **out, hop_error **err);

/** Whether volumes have to be changed to read a blob to its end. */
bool hop_media_disk_must_change(const hop_media_disk *d, const hop_digest *digest);
/** The lowest volume with bytes of a blob that are not kept; 0 without. */
unsigned hop_media_disk_next_volume(const hop_media_disk *d, const hop_digest *digest);
/** The volume that is there; 0 where all are. */
unsigned hop_media_disk_get_volume(const hop_media_disk *d);
HOP_MUST_USE hop_status hop_media_disk_bring_volume(const hop_media_disk *d,
                                                    unsigned number, hop_error **err);
typedef enum hop_media_keeping {
    HOP_MEDIA_KEEP_FOR_NOW, /* what is on the volume that is there, until the drop */
    HOP_MEDIA_KEEP_ALL,     /* changes volumes as needed */
} hop_media_keeping;
/** Copies bytes of a blob into the temporary file. */
HOP_MUST_USE hop_status hop_media_disk_keep(const hop_media_disk *d,
                                            const hop_digest *digest,
                                            hop_media_keeping how, hop_error **err);
/** What was kept for now is not needed any more. */
void hop_media_disk_drop(const hop_media_disk *d, const hop_digest *digest);

void hop_media_disk_free(hop_media_disk *d);
HOP_DEFINE_AUTO(hop_media_disk);

hop_media_format hop_media_disk_get_format(const hop_media_disk *d);
/** In the layout of stock oc: releases, images with their tags and nothing else of them,
 * no `manifests` and `blobs`, and `files` that SHA256SUMS lists. */
const hop_media *hop_media_disk_get_media(const hop_media_disk *d);
/** oc-hop.json as it stands there, for its signature; empty in the layout of oc. */
const hop_buf *hop_media_disk_get_document(const hop_media_disk *d);

/** Adds the OpenPGP signatures of a payload that are on the media, with their files as
 * origins; one that cannot be read is added as a bad one. */
void hop_media_disk_get_signatures(const hop_media_disk *d, const hop_digest *payload,
                                   struct hop_signatures *out);

/** What stands in blobs/sha256 and is no plain file with a fitting name: "PATH: it is a
 * symbolic link", … Such entries are never read. In the layout of oc also tags that name
 * no digest, or two. */
const hop_strings *hop_media_disk_get_refused(const hop_media_disk *d);

/** Calls back for each blob, whole or in parts, in no order that matters. `path` is of
 * its file, or of its first part. */
void hop_media_disk_each(const hop_media_disk *d,
                         void (*each)(void *user, const hop_digest *digest,
                                      uint64_t size_bytes, const char *path),
                         void *user);
/** False when it is not there. The size is that of the file, or of all parts. */
bool hop_media_disk_find(const hop_media_disk *d, const hop_digest *digest,
                         uint64_t *size_bytes);
/** Where a blob is, or would be, for messages: below the media, and with its directory
 * where there are several. */
char *hop_media_disk_blob_path(const hop_media_disk *d,
                               const hop_digest *digest) HOP_MUST_USE;
/** The same of another file: in a volume it is named with the volume. */
char *hop_media_disk_file_path(const hop_media_disk *d, const char *path) HOP_MUST_USE;

/** Appends a file's bytes; `path` is relative (hop_media_path_is_safe()). The buffer's
 * ceiling is the limit. HOP_E_NOT_FOUND, HOP_E_LIMIT, HOP_E_PARSE for a link or device,
 * HOP_E_IO. */
HOP_MUST_USE hop_status hop_media_disk_read_file(const hop_media_disk *d,
                                                 const char *path, hop_buf *out,
                                                 hop_error **err);

/** Holds the members of volumes against what each volume says about them, and appends
 * what does not fit: "oc-hop.003.tar: …". Reads the members that have no digest of their
 * own, such as parts of blobs. */
void hop_media_disk_check_volumes(const hop_media_disk *d, hop_strings *out);

typedef struct hop_media_reader hop_media_reader;

/** HOP_E_NOT_FOUND when the media has no such blob, HOP_E_PARSE when its file was
 * replaced by something else, HOP_E_IO. The disk must outlive the reader. */
HOP_MUST_USE hop_status hop_media_disk_open_blob(const hop_media_disk *d,
                                                 const hop_digest *digest,
                                                 hop_media_reader **out, hop_error **err);
/** The same for a file beside the blobs. */
HOP_MUST_USE hop_status hop_media_disk_open_file(const hop_media_disk *d,
                                                 const char *path, hop_media_reader **out,
                                                 hop_error **err);
void hop_media_reader_free(hop_media_reader *r);
HOP_DEFINE_AUTO(hop_media_reader);

uint64_t hop_media_reader_get_size(const hop_media_reader *r);
/** Bytes at `offset`, at most `cap`; *got is 0 at the end only. HOP_E_IO. */
HOP_MUST_USE hop_status hop_media_reader_read(hop_media_reader *r, uint64_t offset,
                                              void *data, size_t cap, size_t *got,
                                              hop_error **err);

/** Reads a whole blob of at most out's ceiling and checks its digest: HOP_E_DIGEST. */
HOP_MUST_USE hop_status hop_media_disk_read_blob(const hop_media_disk *d,
                                                 const hop_digest *digest, hop_buf *out,
                                                 hop_error **err);

#endif
