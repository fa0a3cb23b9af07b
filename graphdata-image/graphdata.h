/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Collecting graph-data: which files belong to it, and what a complete tree has.
 *
 * Both readers feed a collector with every file and directory that they meet, by the name
 * that it has there. An archive may have one leading directory; whether it has is known
 * only at its end, so until then the collector keeps what is graph-data with or without
 * the first component, and decides in graphdata_finish().
 */
#ifndef GRAPHDATA_H
#define GRAPHDATA_H

#include "hop_image.h"

#define GRAPHDATA_MAX_MEMBERS ((size_t)50000) /* files and directories of any kind */
#define GRAPHDATA_MAX_TAR (128 * HOP_MIB)     /* real ones have 3 MiB; it is in memory */
#define GRAPHDATA_MAX_SKIPPED_NAMES ((size_t)1000)

typedef enum graphdata_reading {
    GRAPHDATA_AS_IS,    /* paths as they stand */
    GRAPHDATA_STRIPPED, /* without their first component */
    GRAPHDATA_READINGS,
} graphdata_reading;

typedef struct graphdata_collector {
    hop_tree files;  /* graph-data under at least one reading, not sorted */
    uint64_t *times; /* of files.files, 0 for none */
    size_t times_cap;
    size_t member_count;
    char *first_component; /* of the first member */
    bool is_one_root;      /* all members so far are below first_component */
    bool has_channels[GRAPHDATA_READINGS];
    bool has_blocked_edges[GRAPHDATA_READINGS];
    size_t skipped_count;
    hop_strings skipped;
} graphdata_collector;

/** True for a SemVer, as the update service wants it. */
bool graphdata_is_version(const char *text);

/** True for the path of a file that belongs to graph-data. */
bool graphdata_is_kept(const char *path);
/** True for the path of a directory in which such files can be. */
bool graphdata_is_kept_dir(const char *path);
/** True when a file of that name is worth reading, under one reading or the other. */
bool graphdata_is_candidate(const char *path);

/** Says that a member exists; `path` is safe. Call for each before the three below.
 * HOP_E_LIMIT when there are too many. */
HOP_MUST_USE hop_status graphdata_note_member(graphdata_collector *c, const char *path,
                                              hop_error **err);
void graphdata_note_dir(graphdata_collector *c, const char *path);
HOP_MUST_USE hop_status graphdata_note_file(graphdata_collector *c, const char *path,
                                            const void *data, size_t len, uint64_t time_s,
                                            hop_error **err);
void graphdata_note_skipped(graphdata_collector *c, const char *path);
/** Decides the reading, fills tree and info, and checks them. */
HOP_MUST_USE hop_status graphdata_finish(graphdata_collector *c, hop_tree *out,
                                         hop_graphdata_info *info, hop_error **err);
void graphdata_collector_clear(graphdata_collector *c);

/** The names in a directory, sorted. HOP_E_LIMIT past GRAPHDATA_MAX_MEMBERS. */
HOP_MUST_USE hop_status graphdata_list_dir(const char *full, hop_strings *names,
                                           hop_error **err);

#endif
