/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What media_disk.c (which files there are), media_reader.c (their bytes),
 * media_members.c (members of volumes) and media_changer.c (one volume at a time) share.
 */
#ifndef MEDIA_DISK_H
#define MEDIA_DISK_H

#include "hop_media_disk.h"
#include "table.h"

typedef enum hop_kept {
    HOP_KEPT_NOT,
    HOP_KEPT_FOR_NOW, /* until the blob has been read */
    HOP_KEPT_FOR_GOOD,
} hop_kept;

/** Bytes of one file: all of it, or a member of a volume. */
typedef struct hop_piece {
    size_t directory;
    char *name; /* relative to the directory; opened as it stands */
    uint64_t offset;
    uint64_t size_bytes;
    /* One volume at a time: */
    unsigned volume;
    hop_kept kept; /* a copy of the bytes is on this machine */
    uint64_t kept_at;
} hop_piece;

typedef struct hop_part {
    unsigned number;
    hop_piece piece;
} hop_part;

typedef struct hop_stored {
    char *path; /* "blobs/sha256/<hex>" */
    bool is_whole;
    hop_part whole;
    hop_part *parts; /* by number, from 0 without a gap, once the scan is over */
    size_t part_count, part_cap;
    /* One volume at a time: */
    hop_hash *hash;     /* of the parts that were read */
    unsigned hash_next; /* the part that comes next */
    hop_digest found;   /* of all bytes, once they were read; else empty */
} hop_stored;

typedef struct hop_directory {
    char *path; /* as the user named it */
    int fd;
} hop_directory;

/** What a volume says about one of its members. */
typedef struct hop_member_sum {
    char *member; /* its name in the volume */
    hop_piece piece;
    char sha256[65];
    hop_digest found; /* one volume at a time: of its bytes, once they were read */
} hop_member_sum;

/** A second file of a blob that is not a hard link of the first. Nothing reads it but a
 * proof. */
typedef struct hop_copy {
    hop_digest digest;
    hop_piece piece;
} hop_copy;

struct hop_media_disk {
    hop_media_format format;
    hop_directory *directories;
    size_t directory_count;
    hop_table index;     /* path to hop_stored: blobs, and members of volumes */
    hop_stored **stored; /* owned */
    size_t stored_count, stored_cap;
    hop_strings refused;
    hop_strings volumes; /* names, by number; NULL-free */
    hop_copy *copies;    /* in the layout of stock oc only */
    size_t copy_count, copy_cap;
    hop_member_sum *sums; /* their names of pieces are borrowed from `volumes` */
    size_t sum_count, sum_cap;
    hop_buf document;
    hop_media media;
    struct hop_changer *changer; /* NULL: all directories are there at the same time */
};

/** Opens a file below a directory without passing through any link. HOP_E_NOT_FOUND,
 * HOP_E_PARSE for what is no plain file, HOP_E_IO. */
HOP_MUST_USE hop_status hop_open_beneath(const hop_directory *at, const char *path,
                                         int *fd, uint64_t *size_bytes, hop_error **err);

/** "blobs/sha256/<hex>", or a part of it. */
bool hop_media_disk_is_blob(const char *path);
/** Notes that the bytes of `path` ("blobs/sha256/<hex>", a part of it, or another file of
 * a volume) are in a piece. A later one replaces an earlier one. Takes the piece. */
void hop_media_disk_note(hop_media_disk *d, const char *path, hop_piece *piece);
/** The file that a path names, or that it names a part of: then *number is the part's.
 * Made when there was none. */
typedef enum hop_path_kind { HOP_PATH_WHOLE, HOP_PATH_PART } hop_path_kind;
hop_path_kind hop_media_disk_get_stored(hop_media_disk *d, const char *path,
                                        hop_stored **out, unsigned *number);
/** The digest of a file whose bytes were read already; NULL else. */
const hop_digest *hop_media_disk_get_found(const hop_media_disk *d, const char *path);

/** Finds the volumes in all directories and notes their members. HOP_E_PARSE for a volume
 * that is none, or of another set. */
HOP_MUST_USE hop_status hop_media_disk_scan_volumes(hop_media_disk *d, hop_error **err);

/** What one volume said that others must fit to. */
typedef struct hop_volume_order {
    char *set; /* owned */
    bool is_last;
} hop_volume_order;
/** Notes the members of one volume, `name` in a directory; the name must live as long as
 * the disk. */
HOP_MUST_USE hop_status hop_media_disk_read_volume(hop_media_disk *d, size_t directory,
                                                   const char *name, unsigned number,
                                                   hop_volume_order *order,
                                                   hop_error **err);
/** Adds an error to what is refused, and drops it. */
void hop_media_disk_refuse(hop_media_disk *d, hop_error **error);

/* media_changer.c */
HOP_MUST_USE hop_status hop_changer_new(const hop_media_drive *drive,
                                        struct hop_changer **out, hop_error **err);
/** Reads all volumes, one after the other. */
HOP_MUST_USE hop_status hop_changer_scan(hop_media_disk *d, hop_error **err);
/** Reads a member's bytes as far as they are wanted: hashed, kept, or not at all. */
HOP_MUST_USE hop_status hop_changer_take(hop_media_disk *d, int fd, hop_member_sum *sum,
                                         hop_piece *piece, hop_error **err);
/** Makes the volume of a piece the one that is there. */
HOP_MUST_USE hop_status hop_changer_bring(const hop_media_disk *d, const hop_piece *piece,
                                          hop_error **err);
/** What was asked for failed as volumes could not be changed, or there is no room: that
 * is no fault of what was read. */
bool hop_changer_is_ended(const hop_media_disk *d);
/** The file of what is kept; borrowed. */
int hop_changer_get_kept(const hop_media_disk *d);
void hop_changer_free(struct hop_changer *c);

/** A reader of the first `count` pieces. */
hop_media_reader *hop_media_reader_new(const hop_media_disk *d, const char *path,
                                       const hop_piece *const *pieces,
                                       size_t count) HOP_MUST_USE;

/** The file itself, once something was read and when the reader is of one whole file;
 * else -1. The caller closes it. */
int hop_media_reader_take_fd(hop_media_reader *r);

#endif
