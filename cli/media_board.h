/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What media carries beside images: plans, the graphs they were made from, graph-data.
 *
 * Nothing of it is covered by a release signature. What cannot be read, or does not fit
 * together, is a finding of the proof.
 */
#ifndef MEDIA_BOARD_H
#define MEDIA_BOARD_H

#include "hop_image.h"
#include "hop_media_proof.h"
#include "hop_plan_set.h"
#include "options.h"
#include "served.h"

typedef struct hop_board {
    hop_plan_set **sets; /* one for each file */
    size_t set_count;
    const hop_plan **plans;  /* those of the sets; borrowed from them */
    const char **plan_files; /* of each plan; borrowed from the media */
    size_t plan_count;
    bool has_graph_data;
    const char *graph_data_name; /* borrowed from the media or the options */
    hop_tree graph_data;
    hop_graphdata_info graph_data_info;
    hop_served served; /* by hop_board_check() */
} hop_board;

/** The directories of the arguments `dir:PATH`, up to the first that is none. HOP_E_USAGE
 * for an empty path, and for a directory that is named without `dir:`. */
HOP_MUST_USE hop_status hop_board_dirs(const hop_strings *args, hop_strings *dirs,
                                       hop_error **err);
/** HOP_E_USAGE for what is not there or no directory. */
HOP_MUST_USE hop_status hop_board_check_dir(const char *path, hop_error **err);
/** hop_media_disk_open(), and HOP_E_USAGE for what is not there or no directory. */
HOP_MUST_USE hop_status hop_board_open(const hop_strings *dirs, hop_media_disk **out,
                                       hop_error **err);
/** --graph-data of `load`: what is read here takes the place of what is on the media.
 * HOP_E_USAGE for a URL, as no other host is contacted. Called before hop_board_load().
 */
HOP_MUST_USE hop_status hop_board_bring_graph_data(const hop_options *o, hop_board *out,
                                                   hop_error **err);
/** Reads everything; `proof` is of that media. Which releases may be there without their
 * components follows from the plans. */
void hop_board_load(const hop_media_disk *disk, hop_board *out, hop_proof *proof);
/** Holds the plans against the graphs and releases on board, and against what an update
 * service in front of `repository` (HOST/REPO) would serve. */
void hop_board_check(const hop_media_disk *disk, hop_board *board, const char *repository,
                     hop_proof *proof);
/** What the media leaves out because whoever gets it has it (--since). */
size_t hop_board_count_left_out(const hop_media_disk *disk);
/** Tells what the layout of stock oc cannot say; nothing of our own. */
void hop_board_note_stock(const hop_options *o, const hop_media_disk *disk);
void hop_board_clear(hop_board *b);

/** --media-keyring: HOP_E_SIGNATURE when oc-hop.json has no good signature. Without the
 * flag nothing is checked. */
HOP_MUST_USE hop_status hop_board_check_signature(const hop_options *o,
                                                  const hop_media_disk *disk,
                                                  hop_error **err);

#endif
