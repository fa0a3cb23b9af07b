/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Volumes and the program of --volume-command that changes them.
 */
#ifndef VOLUME_DRIVE_H
#define VOLUME_DRIVE_H

#include "hop_media_disk.h"
#include "options.h"
#include "progress.h"

/** HOP_E_USAGE when the command is not one program that can be run; `gets` tells which
 * arguments it is run with. NULL is none, which is right. */
HOP_MUST_USE hop_status hop_volume_command_check(const char *command, const char *gets,
                                                 hop_error **err);

typedef struct hop_volume_drive {
    const char *command;
    const char *dir;
    hop_progress *progress;
} hop_volume_drive;

/** Opens the media of a command line: with --volume-command one volume at a time, which
 * takes one directory. The drive must live as long as the disk. Errors are those of
 * hop_media_disk_open_drive() or hop_board_open(), and HOP_E_CANCELLED. */
HOP_MUST_USE hop_status hop_volume_drive_open(hop_volume_drive *drive,
                                              const hop_options *o,
                                              const hop_strings *dirs,
                                              hop_media_reading reading,
                                              hop_progress *progress,
                                              hop_media_disk **out, hop_error **err);

#endif
