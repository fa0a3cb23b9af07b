/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Tar and gzip in memory; tar.c is the only file here that knows libarchive.
 *
 * Reading is lazy: tar_reader_next() gives a member's head, tar_reader_read() its bytes.
 * Only the tar formats are understood, so that any other document fails at its first
 * bytes. Writing gives the same bytes for the same calls: ustar, uid and gid 0, no names,
 * every time 0.
 *
 *     HOP_AUTO(tar_reader) r = tar_reader_new(data, len);
 *     bool is_end = false;
 *     while ((s = tar_reader_next(r, &member, &is_end, err)) == HOP_OK && !is_end)
 *         s = tar_reader_read(r, &bytes, err);
 */
#ifndef TAR_H
#define TAR_H

#include "hop_error.h"

/** True when the bytes begin like a gzip stream (RFC 1952, 2.3.1). */
bool gzip_is(const void *data, size_t len);
/** Appends the inflated bytes to `out`, whose ceiling is the limit. The checksum and the
 * length in the trailer must match (libarchive does not look at them); a stream of
 * several gzip members is therefore refused. HOP_E_PARSE or HOP_E_LIMIT. */
HOP_MUST_USE hop_status gzip_inflate(const void *data, size_t len, hop_buf *out,
                                     hop_error **err);
/** Appends a gzip stream without name and time, at a fixed level. */
void gzip_deflate(const void *data, size_t len, hop_buf *out);

typedef enum tar_kind { TAR_FILE, TAR_DIRECTORY, TAR_LINK, TAR_OTHER } tar_kind;

typedef struct tar_member {
    tar_kind kind;
    const char *path;    /* as written; borrowed until the next member */
    uint64_t size_bytes; /* of a file */
    uint64_t time_s;     /* 0 when there is none, or none between 1970 and 9999 */
} tar_member;

typedef struct tar_reader tar_reader;
tar_reader *tar_reader_new(const void *data, size_t len) HOP_MUST_USE;
void tar_reader_free(tar_reader *r);
HOP_DEFINE_AUTO(tar_reader);
HOP_MUST_USE hop_status tar_reader_next(tar_reader *r, tar_member *out, bool *is_end,
                                        hop_error **err);
/** Appends the current member's bytes. HOP_E_LIMIT past the buffer's ceiling. */
HOP_MUST_USE hop_status tar_reader_read(tar_reader *r, hop_buf *out, hop_error **err);

typedef struct tar_writer tar_writer;
/** Writes into `out`, which must outlive the writer. */
tar_writer *tar_writer_new(hop_buf *out) HOP_MUST_USE;
void tar_writer_free(tar_writer *w);
HOP_DEFINE_AUTO(tar_writer);
HOP_MUST_USE hop_status tar_writer_add_dir(tar_writer *w, const char *path,
                                           hop_error **err); /* mode 0755 */
/** HOP_E_LIMIT for a path that a ustar header cannot hold. */
HOP_MUST_USE hop_status tar_writer_add_file(tar_writer *w, const char *path,
                                            unsigned mode, const void *data, size_t len,
                                            hop_error **err);
/** Appends the header of a file alone; its bytes follow, filled up to a whole block. Ends
 * of archives are two blocks of zeros. HOP_E_LIMIT for a file of 8 GiB and more. */
HOP_MUST_USE hop_status tar_add_header(const char *path, unsigned mode,
                                       uint64_t size_bytes, hop_buf *out,
                                       hop_error **err);
#define TAR_BLOCK_BYTES 512
/** Writes the end mark. Nothing can be added afterwards. */
void tar_writer_finish(tar_writer *w);

#endif
