/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "media_volume.h"

#include "child.h"
#include "endpoint.h"
#include "hop_file.h"
#include "media_torn.h"
#include "table.h"
#include "tar_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAX_VOLUMES 99999u
/* What a member adds to the list of its volume, beside its path; and the list's frame. */
#define ENTRY_BYTES 160
#define LIST_BYTES 256
/* A shorter piece is not worth its header. */
#define MIN_PIECE 4096
#define SUFFIX_LEN 7 /* ".TNNNNN" */

/* What is known of a file: whole, or so many bytes of its latest try. */
typedef struct progress {
    bool is_whole;
    unsigned try_number;
    uint64_t bytes;
    char sha256[65]; /* of a whole one */
} progress;

struct hop_volumes {
    char *dir;
    uint64_t size_bytes;
    char *command;
    char set[33];
    hop_table known; /* path to progress */
    progress **owned;
    size_t owned_count, owned_cap;
    hop_volume current; /* number 0: none is open */
    unsigned done;      /* volumes before it */
    int fd;
    int sums_fd; /* what media_torn.h reads */
    hop_tar_writer *tar;
    uint64_t used;
    uint64_t list_bytes;
    char *list; /* of the volume after those that are done: it is written, and its command
                   has yet to succeed; else NULL */
    size_t list_len;
    bool is_ended;     /* nothing can be added: an earlier run wrote the last volume */
    hop_error *broken; /* what ended the run: nothing more may be written */
};

static hop_status fail(hop_error **err, const char *verb, const char *path)
{
    int e = errno;
    return hop_error_set(err, hop_status_of_errno(e), "%s %s: %s", verb, path,
                         strerror(e));
}

static char *volume_path(const hop_volumes *v, unsigned number, const char *end)
{
    return hop_sprintf("%s/oc-hop.%03u.%s", v->dir, number, end);
}

/* ---- what is there ---- */

static progress *get_progress(hop_volumes *v, const char *path)
{
    progress *p = hop_table_get(&v->known, path);
    if (p)
        return p;
    p = hop_alloc(1, sizeof(*p));
    v->owned = hop_grow(v->owned, v->owned_count, &v->owned_cap, sizeof(progress *));
    v->owned[v->owned_count++] = p;
    hop_table_set(&v->known, path, p);
    return p;
}

/* A member's name says which file, try and part it is. */
static bool is_part(const char *path, size_t *len, unsigned *try_number)
{
    const char *dot = strrchr(path, '.');
    if (!dot || strlen(dot) != SUFFIX_LEN ||
        strspn(dot + 1, "0123456789") != SUFFIX_LEN - 1)
        return false;
    *len = (size_t)(dot - path);
    *try_number = (unsigned)(dot[1] - '0');
    return true;
}

static void note_member(hop_volumes *v, const hop_media_file *f)
{
    size_t len = 0;
    unsigned try_number = 0;
    if (!is_part(f->path, &len, &try_number)) {
        progress *whole = get_progress(v, f->path);
        whole->is_whole = true;
        memcpy(whole->sha256, f->sha256, sizeof(whole->sha256));
        return;
    }
    HOP_AUTO_STR path = hop_strndup(f->path, len);
    progress *p = get_progress(v, path);
    if (try_number > p->try_number) {
        p->bytes = 0;
        p->try_number = try_number;
    }
    if (try_number == p->try_number)
        p->bytes += f->size_bytes;
}

bool hop_volumes_has(const hop_volumes *v, const hop_digest *digest, uint64_t size_bytes)
{
    HOP_AUTO_STR path = hop_media_blob_path(digest);
    const progress *p = hop_table_get(&v->known, path);
    return p && (p->is_whole || (p->bytes == size_bytes && size_bytes > 0));
}

unsigned hop_volumes_next_try(const hop_volumes *v, const char *path)
{
    const progress *p = hop_table_get(&v->known, path);
    return p && p->bytes > 0 ? p->try_number + 1 : 0;
}

bool hop_volumes_is_ended(const hop_volumes *v)
{
    return v->is_ended;
}

bool hop_volumes_has_command(const hop_volumes *v)
{
    return v->command != NULL;
}

uint64_t hop_volumes_get_room(const hop_volumes *v)
{
    struct stat st = {0};
    HOP_AUTO_STR path = volume_path(v, v->done + 1, v->list ? "tar" : "tar.partial");
    if (v->is_ended)
        return 0;
    uint64_t taken = stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
    return taken < v->size_bytes ? v->size_bytes - taken : 0;
}

static hop_status read_done(hop_volumes *v, unsigned number, bool *is_there,
                            hop_error **err)
{
    HOP_AUTO_STR path = volume_path(v, number, "json");
    *is_there = access(path, F_OK) == 0;
    if (!*is_there)
        return HOP_OK;
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_DOCUMENT);
    HOP_AUTO_VALUE(hop_volume) volume = {0};
    hop_status s = hop_file_read(path, &text, err);
    if (s == HOP_OK)
        s = hop_volume_parse(hop_buf_get(&text), text.len, path, &volume, err);
    if (s != HOP_OK)
        return s;
    if (volume.is_last) {
        s = hop_error_set(err, HOP_E_USAGE, "%s holds a whole set of volumes", v->dir);
        hop_error_hint(err, "use another directory, or remove oc-hop.* there");
        return s;
    }
    if (volume.number != number || (number > 1 && strcmp(volume.set, v->set) != 0))
        return hop_error_set(err, HOP_E_USAGE, "%s is of another set of volumes", path);
    memcpy(v->set, volume.set, sizeof(v->set));
    for (size_t i = 0; i < volume.files.len; i++)
        note_member(v, &volume.files.items[i]);
    v->done = number;
    HOP_AUTO_STR sums = volume_path(v, number, "sums");
    (void)unlink(sums);
    return HOP_OK;
}

/* ---- the volume that was not done ---- */

/* Opens it with nothing behind `at`, nor behind `sums_at` of its sums. */
static hop_status open_volume(hop_volumes *v, uint64_t at, uint64_t sums_at,
                              hop_error **err)
{
    HOP_AUTO_STR path = volume_path(v, v->done + 1, "tar.partial");
    HOP_AUTO_STR sums = volume_path(v, v->done + 1, "sums");
    const int flags = O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW;
    v->fd = open(path, flags, 0644);
    if (v->fd < 0)
        return fail(err, "create", path);
    v->sums_fd = open(sums, flags, 0644);
    if (v->sums_fd < 0)
        return fail(err, "create", sums);
    if (ftruncate(v->fd, (off_t)at) != 0 || lseek(v->fd, 0, SEEK_END) < 0)
        return fail(err, "write", path);
    if (ftruncate(v->sums_fd, (off_t)sums_at) != 0 || lseek(v->sums_fd, 0, SEEK_END) < 0)
        return fail(err, "write", sums);
    v->tar = hop_tar_writer_new(v->fd, path);
    v->current = (hop_volume){.number = v->done + 1, .set = hop_strdup(v->set)};
    v->used = HOP_TAR_END_BYTES + at;
    v->list_bytes = LIST_BYTES;
    return HOP_OK;
}

/* A smaller --volume-size is what it may no longer fit into. And tries are numbered by
 * one digit: a run that is torn off again and again must not come to the end of them. */
static bool is_kept(const hop_volumes *v, const hop_torn *t)
{
    uint64_t list = LIST_BYTES;
    size_t len = 0;
    unsigned try_number = 0;
    for (size_t i = 0; i < t->files.len; i++) {
        const char *path = t->files.items[i].path;
        list += ENTRY_BYTES + strlen(path);
        if (is_part(path, &len, &try_number) && try_number > HOP_MEDIA_MAX_TRIES / 2)
            return false;
    }
    return t->files.len > 0 &&
           t->end_bytes + hop_tar_size(list) + HOP_TAR_END_BYTES <= v->size_bytes;
}

static hop_status take_up_members(hop_volumes *v, hop_torn *t, hop_error **err)
{
    hop_status s = open_volume(v, t->end_bytes, t->sums_bytes, err);
    if (s != HOP_OK)
        return s;
    for (size_t i = 0; i < t->files.len; i++) {
        v->list_bytes += ENTRY_BYTES + strlen(t->files.items[i].path);
        note_member(v, &t->files.items[i]);
    }
    v->current.files = t->files;
    t->files = (hop_media_files){0};
    return HOP_OK;
}

/* True when the volume was written to its end, and only its command did not succeed. */
static bool take_up_finished(hop_volumes *v, hop_torn *t)
{
    HOP_AUTO_VALUE(hop_volume) volume = {0};
    HOP_AUTO(hop_error) ignored = NULL;
    if (!t->list ||
        hop_volume_parse(t->list, t->list_len, "", &volume, &ignored) != HOP_OK ||
        volume.number != v->done + 1 || (v->done > 0 && strcmp(volume.set, v->set) != 0))
        return false;
    memcpy(v->set, volume.set, sizeof(v->set));
    for (size_t i = 0; i < volume.files.len; i++)
        note_member(v, &volume.files.items[i]);
    v->list = hop_steal(&t->list);
    v->list_len = t->list_len;
    v->is_ended = volume.is_last;
    return true;
}

/* What is not taken up is removed: it is written again, and needs the room. */
static hop_status take_up(hop_volumes *v, hop_error **err)
{
    HOP_AUTO_STR partial = volume_path(v, v->done + 1, "tar.partial");
    HOP_AUTO_STR path = volume_path(v, v->done + 1, "tar");
    HOP_AUTO_STR sums = volume_path(v, v->done + 1, "sums");
    HOP_AUTO_VALUE(hop_torn) finished = {0};
    HOP_AUTO_VALUE(hop_torn) torn = {0};
    hop_torn_read(path, sums, &finished);
    if (take_up_finished(v, &finished))
        return HOP_OK;
    hop_torn_read(partial, sums, &torn);
    if (unlink(path) != 0 && errno != ENOENT)
        return fail(err, "remove", path);
    if (is_kept(v, &torn))
        return take_up_members(v, &torn, err);
    if (unlink(partial) != 0 && errno != ENOENT)
        return fail(err, "remove", partial);
    if (unlink(sums) != 0 && errno != ENOENT)
        return fail(err, "remove", sums);
    return HOP_OK;
}

hop_status hop_volumes_open(const hop_volumes_opts *opts, hop_volumes **out,
                            hop_error **err)
{
    if (opts->size_bytes < HOP_VOLUME_MIN_BYTES)
        return hop_error_set(err, HOP_E_USAGE, "volumes of %llu bytes: at least 1 MiB",
                             (unsigned long long)opts->size_bytes);
    HOP_AUTO(hop_volumes) v = hop_alloc(1, sizeof(*v));
    v->dir = hop_strdup(opts->dir);
    v->size_bytes = opts->size_bytes;
    v->command = hop_strdup(opts->command);
    v->fd = -1;
    v->sums_fd = -1;
    HOP_AUTO_STR seed = hop_sprintf("volumes %llu", (unsigned long long)opts->seed);
    hop_digest set = hop_digest_of(seed, strlen(seed));
    memcpy(v->set, hop_digest_get_hex(&set), sizeof(v->set) - 1);
    bool is_there = true;
    for (unsigned n = 1; is_there && n <= MAX_VOLUMES; n++) {
        hop_status s = read_done(v, n, &is_there, err);
        if (s != HOP_OK)
            return s;
    }
    hop_status s = take_up(v, err);
    if (s == HOP_OK)
        *out = hop_steal(&v);
    return s;
}

void hop_volumes_free(hop_volumes *v)
{
    if (!v)
        return;
    hop_tar_writer_free(v->tar);
    if (v->fd >= 0)
        (void)close(v->fd);
    if (v->sums_fd >= 0)
        (void)close(v->sums_fd);
    for (size_t i = 0; i < v->owned_count; i++)
        free(v->owned[i]);
    free(v->owned);
    hop_table_clear(&v->known);
    hop_volume_clear(&v->current);
    hop_error_free(v->broken);
    free(v->list);
    free(v->command);
    free(v->dir);
    free(v);
}

/* ---- one volume ---- */

/* Other blobs are still on their way when one could not be written: they get to hear the
 * same. */
static hop_status note_failure(hop_volumes *v, hop_status s, const hop_error *error)
{
    if (s != HOP_OK && !v->broken)
        v->broken = hop_error_clone(error);
    return s;
}

static hop_status run_command(const hop_volumes *v, const char *path, unsigned number,
                              hop_error **err)
{
    if (!v->command)
        return HOP_OK;
    HOP_AUTO_STR text = hop_sprintf("%u", number);
    const char *argv[] = {v->command, path, text, NULL};
    hop_status s = hop_child_run_attended(argv, err);
    if (s == HOP_OK)
        return s;
    hop_error_hint(err, "the volume is kept: the same command goes on with running this "
                        "program for it");
    return hop_error_wrap(err, "volume %u", number);
}

/* The volume that is written goes where its command takes it; then it is done. */
static hop_status hand_over(hop_volumes *v, hop_error **err)
{
    unsigned number = v->done + 1;
    HOP_AUTO_STR path = volume_path(v, number, "tar");
    HOP_AUTO_STR list_path = volume_path(v, number, "json");
    HOP_AUTO_STR sums = volume_path(v, number, "sums");
    hop_status s = run_command(v, path, number, err);
    if (s == HOP_OK)
        s = hop_file_write(list_path, v->list, v->list_len, err);
    if (s != HOP_OK)
        return note_failure(v, s, *err);
    (void)unlink(sums);
    free(hop_steal(&v->list));
    v->done = number;
    return HOP_OK;
}

static hop_status begin_volume(hop_volumes *v, hop_error **err)
{
    hop_status s = v->list ? hand_over(v, err) : HOP_OK;
    if (s == HOP_OK && v->done == MAX_VOLUMES)
        s = hop_error_set(err, HOP_E_LIMIT, "more than %u volumes", MAX_VOLUMES);
    return s == HOP_OK ? open_volume(v, 0, 0, err) : s;
}

static hop_status add_line(const hop_volumes *v, const char *line, size_t len,
                           hop_error **err)
{
    while (len > 0) {
        ssize_t n = write(v->sums_fd, line, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            HOP_AUTO_STR path = volume_path(v, v->current.number, "sums");
            return fail(err, "write", path);
        }
        line += n;
        len -= (size_t)n;
    }
    return HOP_OK;
}

static hop_status add_sum(const hop_volumes *v, const char *hex, const char *path,
                          hop_error **err)
{
    HOP_AUTO_STR line = hop_sprintf("%s  %s\n", hex, path);
    return add_line(v, line, strlen(line), err);
}

/* The list is its last member. */
static hop_status add_list(hop_volumes *v, hop_error **err)
{
    HOP_AUTO_STR member = hop_sprintf("volumes/oc-hop.%03u.json", v->current.number);
    HOP_AUTO_VALUE(hop_buf) list = hop_buf_init(HOP_BUF_TEXT);
    hop_volume_write(&v->current, &list);
    hop_digest digest = hop_digest_of(list.data, list.len);
    hop_status s = hop_tar_writer_add(v->tar, member, list.data, list.len, err);
    if (s == HOP_OK)
        s = add_sum(v, hop_digest_get_hex(&digest), member, err);
    v->list_len = list.len;
    v->list = hop_buf_take(&list);
    return s;
}

static hop_status end_volume(hop_volumes *v, hop_error **err)
{
    unsigned number = v->current.number;
    HOP_AUTO_STR partial = volume_path(v, number, "tar.partial");
    HOP_AUTO_STR path = volume_path(v, number, "tar");
    hop_status s = add_list(v, err);
    if (s == HOP_OK)
        s = hop_tar_writer_end(v->tar, err);
    if (s == HOP_OK && fsync(v->fd) != 0)
        s = fail(err, "flush", path);
    hop_tar_writer_free(hop_steal(&v->tar));
    (void)close(v->fd);
    (void)close(v->sums_fd);
    v->fd = -1;
    v->sums_fd = -1;
    hop_volume_clear(&v->current);
    if (s == HOP_OK && rename(partial, path) != 0)
        s = fail(err, "rename into", path);
    return s == HOP_OK ? hand_over(v, err) : note_failure(v, s, *err);
}

/* Bytes of a member with this name that still fit; 0 when not even its header does. */
static uint64_t room_for(const hop_volumes *v, const char *path)
{
    uint64_t list = v->list_bytes + ENTRY_BYTES + strlen(path);
    uint64_t taken = v->used + hop_tar_size(list) + hop_tar_size(0);
    return taken < v->size_bytes ? (v->size_bytes - taken) / 512 * 512 : 0;
}

static hop_status add_member(hop_volumes *v, const char *path, const void *data,
                             size_t len, hop_error **err)
{
    hop_status s = hop_tar_writer_add(v->tar, path, data, len, err);
    if (s != HOP_OK)
        return note_failure(v, s, *err);
    v->used += hop_tar_size(len);
    v->list_bytes += ENTRY_BYTES + strlen(path);
    hop_media_files_add(&v->current.files, path, data, len);
    const hop_media_file *f = &v->current.files.items[v->current.files.len - 1];
    note_member(v, f);
    return note_failure(v, add_sum(v, f->sha256, path, err), *err);
}

static hop_status make_room(hop_volumes *v, const char *path, size_t wanted,
                            hop_error **err)
{
    hop_status s = HOP_OK;
    if (v->broken) {
        *err = hop_error_clone(v->broken);
        return hop_error_get_status(*err);
    }
    if (v->is_ended) {
        s = hop_error_set(err, HOP_E_USAGE,
                          "earlier volumes in %s are a whole set without %s", v->dir,
                          path);
        hop_error_hint(err, "begin anew in an empty directory");
        return s;
    }
    if (v->current.number && room_for(v, path) < wanted)
        s = end_volume(v, err);
    if (s == HOP_OK && !v->current.number)
        s = note_failure(v, begin_volume(v, err), *err);
    return s;
}

/* ---- members ---- */

hop_status hop_volumes_add_piece(hop_volumes *v, const char *path, unsigned try_number,
                                 unsigned *part, const void *data, size_t len,
                                 hop_error **err)
{
    const char *at = data;
    hop_status s = HOP_OK;
    while (s == HOP_OK && len > 0) {
        if (*part >= HOP_MEDIA_MAX_PARTS || try_number >= HOP_MEDIA_MAX_TRIES)
            return hop_error_set(err, HOP_E_LIMIT, "%s: too many parts or tries", path);
        HOP_AUTO_STR name = hop_sprintf("%s.%u%05u", path, try_number, *part);
        s = make_room(v, name, len < MIN_PIECE ? len : MIN_PIECE, err);
        if (s != HOP_OK)
            return s;
        uint64_t room = room_for(v, name);
        size_t n = room < len ? (size_t)room : len;
        s = add_member(v, name, at, n, err);
        at += n;
        len -= n;
        ++*part;
    }
    return s;
}

static hop_status add_whole(hop_volumes *v, const char *path, size_t wanted,
                            unsigned try_number, const void *data, size_t len,
                            hop_error **err)
{
    unsigned part = 0;
    hop_status s = make_room(v, path, wanted, err);
    if (s != HOP_OK)
        return s;
    if (room_for(v, path) >= len)
        return add_member(v, path, data, len, err);
    return hop_volumes_add_piece(v, path, try_number, &part, data, len, err);
}

hop_status hop_volumes_add_blob(hop_volumes *v, const char *path, unsigned try_number,
                                const void *data, size_t len, hop_error **err)
{
    hop_status s =
        add_whole(v, path, len < MIN_PIECE ? len : MIN_PIECE, try_number, data, len, err);
    return s == HOP_OK ? hop_volumes_end_blob(v, err) : s;
}

hop_status hop_volumes_end_blob(hop_volumes *v, hop_error **err)
{
    static const char line[] = HOP_TORN_WHOLE "\n";
    return note_failure(v, add_line(v, line, strlen(line), err), *err);
}

hop_status hop_volumes_add_file(hop_volumes *v, const char *path, const void *data,
                                size_t len, hop_error **err)
{
    const progress *p = hop_table_get(&v->known, path);
    hop_digest digest = hop_digest_of(data, len);
    if (v->is_ended && p && p->bytes == len && len > 0)
        return HOP_OK; /* in parts */
    if (!p || !p->is_whole)
        return add_whole(v, path, len, hop_volumes_next_try(v, path), data, len, err);
    if (strcmp(p->sha256, hop_digest_get_hex(&digest)) == 0)
        return HOP_OK;
    hop_status s = hop_error_set(err, HOP_E_USAGE,
                                 "earlier volumes in %s hold another %s", v->dir, path);
    hop_error_hint(err, "begin anew in an empty directory");
    return s;
}

hop_status hop_volumes_finish(hop_volumes *v, hop_error **err)
{
    if (v->is_ended)
        return v->list ? hand_over(v, err) : HOP_OK;
    hop_status s = make_room(v, "", 0, err);
    if (s != HOP_OK)
        return s;
    v->current.is_last = true;
    return end_volume(v, err);
}
