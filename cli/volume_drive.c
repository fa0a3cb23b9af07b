/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "volume_drive.h"

#include "child.h"
#include "command.h"
#include "environment.h"
#include "media_board.h"
#include "report.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the program ---- */

static bool is_program(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* As execvp(3) looks for it; a name that is not found is one with arguments, often. */
static bool has_program(const char *name)
{
    bool has = strchr(name, '/') && is_program(name);
    const char *at = strchr(name, '/') || !*name ? "" : hop_environment_path();
    while (!has && *at) {
        size_t len = strcspn(at, ":");
        HOP_AUTO_STR path =
            hop_sprintf("%.*s/%s", len > 0 ? (int)len : 1, len > 0 ? at : ".", name);
        has = is_program(path);
        at += at[len] ? len + 1 : len;
    }
    return has;
}

/* Known now, and not after hours, when the first volume is done. */
hop_status hop_volume_command_check(const char *command, const char *gets,
                                    hop_error **err)
{
    if (!command || has_program(command))
        return HOP_OK;
    hop_status s = hop_error_set(
        err, HOP_E_USAGE, "--volume-command %s: there is no such program", command);
    hop_error_hint(err,
                   "it is the name of one program, without arguments, and %s; write a "
                   "script for more",
                   gets);
    return s;
}

/* ---- changing ---- */

static hop_status check_signal(hop_error **err)
{
    if (!hop_signal_get())
        return HOP_OK;
    hop_error_drop(err);
    return hop_error_set(err, HOP_E_CANCELLED, "stopped by a signal");
}

static hop_status change(void *user, unsigned number, const char *why, hop_error **err)
{
    const hop_volume_drive *d = user;
    HOP_AUTO_STR text = hop_sprintf("%u", number);
    const char *argv[] = {d->command, d->dir, text, NULL};
    hop_progress_end(d->progress);
    if (why)
        hop_report_warning("%s", why);
    hop_status s = check_signal(err);
    if (s == HOP_OK)
        s = hop_child_run_attended(argv, err);
    /* Ctrl-C reaches the program, too. */
    hop_status signalled = check_signal(err);
    if (signalled != HOP_OK)
        return signalled;
    if (s == HOP_OK)
        return s;
    hop_error_hint(err, "run the same command again when the volume is at hand: what was "
                        "sent before is not sent again");
    return hop_error_wrap(err, "put in volume %u", number);
}

static hop_status on_tick(void *user, uint64_t done, uint64_t total, hop_error **err)
{
    const hop_volume_drive *d = user;
    hop_progress_bytes(d->progress, "read", done, total);
    return check_signal(err);
}

hop_status hop_volume_drive_open(hop_volume_drive *drive, const hop_options *o,
                                 const hop_strings *dirs, hop_media_reading reading,
                                 hop_progress *progress, hop_media_disk **out,
                                 hop_error **err)
{
    if (!o->volume_command)
        return hop_board_open(dirs, out, err);
    if (dirs->len != 1)
        return hop_error_set(err, HOP_E_USAGE,
                             "--volume-command puts one volume after the other into one "
                             "directory, not into %zu",
                             dirs->len);
    hop_status s = hop_volume_command_check(o->volume_command,
                                            "gets the directory and the number", err);
    if (s == HOP_OK)
        s = hop_board_check_dir(dirs->items[0], err);
    if (s != HOP_OK)
        return s;
    *drive = (hop_volume_drive){
        .command = o->volume_command, .dir = dirs->items[0], .progress = progress};
    hop_media_drive opts = {.change = change,
                            .tick = on_tick,
                            .user = drive,
                            .tmp_dir = hop_environment_tmp_dir(),
                            .reading = reading};
    s = hop_media_disk_open_drive(drive->dir, &opts, out, err);
    hop_progress_end(progress);
    return s;
}
