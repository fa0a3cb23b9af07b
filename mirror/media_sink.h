/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The media as the engine sees it: a place that has blobs, and takes new ones.
 *
 *     hop_media_blob *b = hop_media_blob_new(w, &digest, size);
 *     s = hop_media_blob_write(b, offset, data, len, err);     // any number of times
 *     s = hop_media_blob_commit(b, err);                       // the digest is right
 *     hop_media_blob_free(b);                                  // else: to be resumed
 */
#ifndef HOP_MEDIA_SINK_H
#define HOP_MEDIA_SINK_H

#include "hop_media_writer.h"
#include "media_volume.h"
#include "spool.h"
#include "table.h"

struct hop_media_writer {
    char *path;
    int lock_fd;
    uint64_t max_file_bytes;
    hop_media_format format;
    hop_inventory since; /* sorted; empty without */
    const struct hop_keyring *signing_key;
    uint64_t now_s;
    hop_volumes *volumes; /* NULL: a directory */
    hop_table kept;       /* digest to hop_spool: blobs that are read and not on disk */
    hop_spool **spools;
    size_t spool_count, spool_cap;
};

/** Heap text: DIRECTORY/relative. */
char *hop_media_writer_path(const hop_media_writer *w, const char *relative) HOP_MUST_USE;

/** Is the blob there in its full size? Bytes under a final name were right when they got
 * it. */
bool hop_media_writer_has(const hop_media_writer *w, const hop_digest *digest,
                          uint64_t size_bytes);
/** Does the far side have it? */
bool hop_media_writer_omits(const hop_media_writer *w, const hop_digest *digest);
/** Reads a blob that is there and compares; *is_right is false for wrong bytes, which are
 * then removed. */
HOP_MUST_USE hop_status hop_media_writer_recheck(const hop_media_writer *w,
                                                 const hop_digest *digest,
                                                 uint64_t size_bytes, bool *is_right,
                                                 hop_error **err);
/** What is still to come. */
typedef struct hop_media_need {
    uint64_t size_bytes;
    uint64_t files;
    uint64_t copy_bytes; /* for hop_media_writer_keep(), in `tmp_dir` */
    const char *tmp_dir;
} hop_media_need;

/** HOP_E_DISK, with both numbers, when it does not fit: on the media or in the temporary
 * directory, which may be on one file system. */
HOP_MUST_USE hop_status hop_media_writer_check_space(const hop_media_writer *w,
                                                     const hop_media_need *need,
                                                     hop_error **err);
/** Writes a whole blob that is in memory; does nothing when it is there. */
HOP_MUST_USE hop_status hop_media_writer_put(hop_media_writer *w,
                                             const hop_digest *digest, const void *data,
                                             size_t len, hop_error **err);

/** This blob will be read again when it is there: what goes into volumes is kept in an
 * unlinked file in `tmp_dir`, too. One that volumes of an earlier run have, or that is
 * left out because the far side has it, must come and then goes into that file only. */
HOP_MUST_USE hop_status hop_media_writer_keep(hop_media_writer *w,
                                              const hop_digest *digest,
                                              const char *tmp_dir, hop_error **err);
/** Was that said of it? */
bool hop_media_writer_keeps(const hop_media_writer *w, const hop_digest *digest);
/** Can the next function read it? */
bool hop_media_writer_can_read(const hop_media_writer *w, const hop_digest *digest,
                               uint64_t size_bytes);
/** Is it to be kept, and either in volumes of an earlier run, which may be elsewhere by
 * now, or with the far side? */
bool hop_media_writer_lacks_copy(const hop_media_writer *w, const hop_digest *digest,
                                 uint64_t size_bytes);
/** A descriptor of the caller's that reads a blob that is there, whole from offset 0; its
 * parts are put together in an unlinked file in `tmp_dir`. */
HOP_MUST_USE hop_status hop_media_writer_read_blob(const hop_media_writer *w,
                                                   const hop_digest *digest,
                                                   uint64_t size_bytes,
                                                   const char *tmp_dir, int *fd,
                                                   hop_error **err);

/** A file beside the blobs that is too long to be held in memory. */
typedef struct hop_media_stream hop_media_stream;
HOP_MUST_USE hop_status hop_media_stream_new(hop_media_writer *w, const char *path,
                                             hop_media_stream **out, hop_error **err);
HOP_MUST_USE hop_status hop_media_stream_write(hop_media_stream *s, const void *data,
                                               size_t len, hop_error **err);
/** Gives it its name and lists it. */
HOP_MUST_USE hop_status hop_media_stream_end(hop_media_stream *s, hop_media *media,
                                             hop_error **err);
void hop_media_stream_free(hop_media_stream *s);
HOP_DEFINE_AUTO(hop_media_stream);

typedef struct hop_media_blob hop_media_blob;

/** Touches nothing yet. Lives no longer than its writer. */
hop_media_blob *hop_media_blob_new(hop_media_writer *w, const hop_digest *digest,
                                   uint64_t size_bytes) HOP_MUST_USE;
/** Its bytes go nowhere but into the file that hop_media_writer_keep() made. */
void hop_media_blob_keep_only(hop_media_blob *b);
/** What was not committed stays for the next run. */
void hop_media_blob_free(hop_media_blob *b);
HOP_DEFINE_AUTO(hop_media_blob);
/** Bytes from its start that an earlier run has left. */
uint64_t hop_media_blob_get_have(const hop_media_blob *b);
/** Gives these bytes to a hash. */
HOP_MUST_USE hop_status hop_media_blob_hash(const hop_media_blob *b, hop_hash *h,
                                            hop_error **err);
/** `offset` is where the last write ended, what hop_media_blob_get_have() says, or 0 to
 * begin anew. HOP_E_DISK when the space ends. */
HOP_MUST_USE hop_status hop_media_blob_write(hop_media_blob *b, uint64_t offset,
                                             const void *data, size_t len,
                                             hop_error **err);
/** All bytes are written and their digest is right: flushes them and gives them their
 * final name. */
HOP_MUST_USE hop_status hop_media_blob_commit(hop_media_blob *b, hop_error **err);

#endif
