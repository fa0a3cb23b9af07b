/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "media_disk.h"
#include "media_member.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Volumes are read in place: where each member lies is all that is needed of a tar. */

#define BLOCK HOP_MEMBER_BLOCK
#define MAX_MEMBERS ((size_t)400000)
#define MAX_VOLUMES 99999u

/* ---- one header ---- */

/* Digits up to a NUL or space. */
static bool read_octal(const char *field, size_t len, uint64_t *out)
{
    uint64_t value = 0;
    size_t i = 0;
    for (; i < len && field[i] >= '0' && field[i] <= '7'; i++)
        value = value << 3 | (uint64_t)(field[i] - '0');
    *out = value;
    return i > 0 && i < len && (field[i] == '\0' || field[i] == ' ');
}

/* Exactly as the writer writes it: the sum does not cover its own field. */
static bool has_right_sum(const char *block)
{
    unsigned sum = 0;
    char want[8];
    for (size_t i = 0; i < BLOCK; i++)
        sum += i >= 148 && i < 156 ? ' ' : (unsigned char)block[i];
    (void)snprintf(want, sizeof(want), "%06o", sum);
    want[7] = ' ';
    return memcmp(block + 148, want, sizeof(want)) == 0;
}

static void join_name(const char *block, char out[257])
{
    size_t prefix = strnlen(block + 345, 155), name = strnlen(block, 100), at = 0;
    if (prefix > 0) {
        memcpy(out, block + 345, prefix);
        out[prefix] = '/';
        at = prefix + 1;
    }
    memcpy(out + at, block, name);
    out[at + name] = '\0';
}

const char *hop_member_read(const char *block, hop_member *out)
{
    static const char zeros[BLOCK] = {0};
    *out = (hop_member){.is_end = memcmp(block, zeros, BLOCK) == 0};
    if (out->is_end)
        return NULL;
    if (memcmp(block + 257, "ustar", 5) != 0 || !has_right_sum(block))
        return "it is no tar, or damaged";
    if (block[156] != '0' && block[156] != '\0')
        return "a member is no plain file";
    if (!read_octal(block + 124, 12, &out->size_bytes))
        return "a member's size is malformed";
    join_name(block, out->path);
    if (!hop_media_path_is_safe(out->path))
        return "a member's name leads out of it";
    bool is_odd =
        hop_has_prefix(out->path, "blobs/") && !hop_media_disk_is_blob(out->path);
    return is_odd ? "the name of a member among the blobs is no digest" : NULL;
}

/* ---- one volume ---- */

typedef struct volume {
    hop_media_disk *disk;
    size_t directory;
    unsigned number;
    const char *name; /* lives as long as the disk */
    int fd;
    uint64_t size_bytes;
} volume;

static hop_status bad(const volume *v, hop_error **err, const char *why)
{
    return hop_error_set(err, HOP_E_PARSE, "read %s/%s: %s",
                         v->disk->directories[v->directory].path, v->name, why);
}

static hop_status note(const volume *v, const hop_member *m, uint64_t offset,
                       hop_error **err)
{
    hop_media_disk *d = v->disk;
    HOP_AUTO_STR key = hop_sprintf("member %s", m->path);
    if (hop_table_get(&d->index, key))
        return hop_error_set(err, HOP_E_PARSE, "read %s: %s is in two volumes", v->name,
                             m->path);
    if (d->sum_count >= MAX_MEMBERS)
        return hop_error_set(err, HOP_E_LIMIT, "read %s: more than %zu members", v->name,
                             MAX_MEMBERS);
    d->sums = hop_grow(d->sums, d->sum_count, &d->sum_cap, sizeof(*d->sums));
    hop_member_sum *sum = &d->sums[d->sum_count++];
    *sum = (hop_member_sum){.member = hop_strdup(m->path),
                            .piece = {.directory = v->directory,
                                      .name = (char *)(uintptr_t)v->name,
                                      .offset = offset,
                                      .size_bytes = m->size_bytes,
                                      .volume = v->number}};
    hop_table_set(&d->index, key, d); /* a mark; never looked into */
    hop_piece piece = sum->piece;
    hop_status s = d->changer ? hop_changer_take(d, v->fd, sum, &piece, err) : HOP_OK;
    if (s != HOP_OK)
        return s;
    piece.name = hop_strdup(v->name);
    hop_media_disk_note(d, m->path, &piece);
    return HOP_OK;
}

static hop_status expect_zeros(const volume *v, uint64_t from, uint64_t to,
                               hop_error **err)
{
    static const char zeros[BLOCK] = {0};
    while (from < to) {
        char block[BLOCK];
        size_t len = to - from < BLOCK ? (size_t)(to - from) : BLOCK;
        ssize_t n = pread(v->fd, block, len, (off_t)from);
        if (n < (ssize_t)len)
            return bad(v, err, "it ends in the middle");
        if (memcmp(block, zeros, len) != 0)
            return bad(v, err, "there is something between its members");
        from += len;
    }
    return HOP_OK;
}

static hop_status index_members(const volume *v, hop_error **err)
{
    uint64_t at = 0;
    for (;;) {
        char block[BLOCK];
        hop_member m;
        ssize_t n = pread(v->fd, block, BLOCK, (off_t)at);
        if (n < 0)
            return hop_error_set(err, HOP_E_IO, "read %s: %s", v->name, strerror(errno));
        if (n < (ssize_t)BLOCK)
            return bad(v, err, "it ends in the middle");
        const char *why = hop_member_read(block, &m);
        if (why)
            return bad(v, err, why);
        if (m.is_end)
            return expect_zeros(v, at, v->size_bytes, err);
        at += BLOCK;
        if (m.size_bytes > v->size_bytes || at > v->size_bytes - m.size_bytes)
            return bad(v, err, "a member is longer than the volume");
        hop_status s = note(v, &m, at, err);
        if (s != HOP_OK)
            return s;
        uint64_t next = at + (m.size_bytes + BLOCK - 1) / BLOCK * BLOCK;
        s = expect_zeros(v, at + m.size_bytes, next, err);
        if (s != HOP_OK)
            return s;
        at = next;
    }
}

/* ---- its list ---- */

static void take_sums(hop_media_disk *d, const hop_volume *list, size_t first)
{
    for (size_t i = first; i < d->sum_count; i++) {
        const hop_media_file *f = hop_media_files_find(&list->files, d->sums[i].member);
        if (f && f->size_bytes == d->sums[i].piece.size_bytes)
            memcpy(d->sums[i].sha256, f->sha256, sizeof(d->sums[i].sha256));
    }
}

/* Lists are looked at for what is missing and damaged only; every byte that is used has a
 * digest of its own. */
static hop_status read_list(const volume *v, size_t first, hop_volume *out,
                            hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_DOCUMENT);
    HOP_AUTO_STR path = hop_sprintf("volumes/oc-hop.%03u.json", v->number);
    hop_status s = hop_media_disk_read_file(v->disk, path, &text, err);
    if (s == HOP_OK)
        s = hop_volume_parse(hop_buf_get(&text), text.len, path, out, err);
    if (s == HOP_OK && out->number != v->number)
        s = bad(v, err, "it is another volume than its name says");
    /* Itself it does not list. */
    if (s == HOP_OK && out->files.len + 1 != v->disk->sum_count - first)
        s = hop_error_set(err, HOP_E_PARSE,
                          "read %s: its list has %zu files, and it has %zu", v->name,
                          out->files.len, v->disk->sum_count - first - 1);
    if (s == HOP_OK)
        take_sums(v->disk, out, first);
    return s;
}

hop_status hop_media_disk_read_volume(hop_media_disk *d, size_t directory,
                                      const char *name, unsigned number,
                                      hop_volume_order *order, hop_error **err)
{
    volume v = {.disk = d, .directory = directory, .number = number, .name = name};
    size_t first = d->sum_count;
    HOP_AUTO_FD fd = -1;
    HOP_AUTO_VALUE(hop_volume) list = {0};
    hop_status s =
        hop_open_beneath(&d->directories[directory], name, &fd, &v.size_bytes, err);
    v.fd = fd;
    if (s == HOP_OK)
        s = index_members(&v, err);
    if (s == HOP_OK)
        s = read_list(&v, first, &list, err);
    if (s != HOP_OK)
        return s;
    if (order->set && strcmp(order->set, list.set) != 0)
        return bad(&v, err, "it belongs to another set of volumes");
    if (!order->set)
        order->set = hop_strdup(list.set);
    order->is_last = list.is_last;
    return HOP_OK;
}

/* ---- which volumes there are ---- */

/* "oc-hop.003.tar"; 0 for another name. */
static unsigned number_of(const char *name)
{
    if (!hop_has_prefix(name, "oc-hop."))
        return 0;
    const char *digits = name + strlen("oc-hop.");
    size_t len = strspn(digits, "0123456789");
    if (len < 3 || len > 5 || strcmp(digits + len, ".tar") != 0)
        return 0;
    return (unsigned)strtoul(digits, NULL, 10);
}

typedef struct found {
    unsigned number;
    size_t directory;
    char *name;
} found;

static int by_number(const void *a, const void *b)
{
    const found *x = a, *y = b;
    return x->number != y->number
               ? (x->number > y->number) - (x->number < y->number)
               : (x->directory > y->directory) - (x->directory < y->directory);
}

static hop_status list_volumes(const hop_media_disk *d, found **out, size_t *count,
                               hop_error **err)
{
    size_t cap = 0;
    for (size_t i = 0; i < d->directory_count; i++) {
        int fd = openat(d->directories[i].fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        if (!dir)
            return hop_error_set(err, HOP_E_IO, "read %s: %s", d->directories[i].path,
                                 strerror(errno));
        const struct dirent *entry = NULL;
        while ((entry = readdir(dir))) {
            unsigned number = number_of(entry->d_name);
            if (number == 0 || *count >= MAX_VOLUMES)
                continue;
            *out = hop_grow(*out, *count, &cap, sizeof(**out));
            (*out)[(*count)++] = (found){number, i, hop_strdup(entry->d_name)};
        }
        closedir(dir);
    }
    if (*count > 1)
        qsort(*out, *count, sizeof(**out), by_number);
    return HOP_OK;
}

static void note_gap(hop_media_disk *d, unsigned from, unsigned to)
{
    for (unsigned n = from; n < to && d->refused.len < 1000; n++) {
        char *text = hop_sprintf("oc-hop.%03u.tar: this volume is missing", n);
        hop_strings_take(&d->refused, &text);
    }
}

static void note_text(hop_media_disk *d, const char *name, const char *why)
{
    char *text = hop_sprintf("%s: %s", name, why);
    hop_strings_take(&d->refused, &text);
}

/* A volume that cannot be read is told like one that is missing: what is on it is found
 * missing too, and the others are as good as before. */
void hop_media_disk_refuse(hop_media_disk *d, hop_error **error)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_error_join(*error, &text);
    hop_strings_add(&d->refused, hop_buf_get(&text));
    hop_error_drop(error);
}

hop_status hop_media_disk_scan_volumes(hop_media_disk *d, hop_error **err)
{
    found *all = NULL;
    size_t count = 0;
    bool is_read = false;
    hop_volume_order order = {0};
    hop_status s = list_volumes(d, &all, &count, err);
    for (size_t i = 0; s == HOP_OK && i < count; i++)
        hop_strings_add(&d->volumes, all[i].name);
    for (size_t i = 0; s == HOP_OK && i < count; i++) {
        HOP_AUTO(hop_error) error = NULL;
        if (i > 0 && all[i].number == all[i - 1].number)
            s = hop_error_set(err, HOP_E_PARSE, "%s is in two of the directories",
                              all[i].name);
        else
            is_read = hop_media_disk_read_volume(d, all[i].directory, d->volumes.items[i],
                                                 all[i].number, &order, &error) == HOP_OK;
        if (error)
            hop_media_disk_refuse(d, &error);
        note_gap(d, i > 0 ? all[i - 1].number + 1 : 1, all[i].number);
        if (is_read && order.is_last && i + 1 < count)
            note_text(d, all[i].name, "it says that it is the last, and there are more");
    }
    if (s == HOP_OK && is_read && !order.is_last)
        note_text(d, all[count - 1].name, "it is not the last volume: more are missing");
    for (size_t i = 0; i < count; i++)
        free(all[i].name);
    free(all);
    free(order.set);
    return s;
}

/* ---- members against lists ---- */

static bool is_damaged(const hop_media_disk *d, const hop_member_sum *sum)
{
    if (sum->found.text[0])
        return strcmp(hop_digest_get_hex(&sum->found), sum->sha256) != 0;
    const hop_piece *piece = &sum->piece;
    HOP_AUTO(hop_media_reader) r = hop_media_reader_new(d, sum->member, &piece, 1);
    HOP_AUTO(hop_hash) h = hop_hash_new();
    HOP_AUTO(hop_error) ignored = NULL;
    char chunk[64 * 1024];
    uint64_t at = 0;
    size_t got = 1;
    while (got > 0) {
        if (hop_media_reader_read(r, at, chunk, sizeof(chunk), &got, &ignored) != HOP_OK)
            return true;
        hop_hash_update(h, chunk, got);
        at += got;
    }
    hop_digest digest = hop_hash_finish(h);
    return strcmp(hop_digest_get_hex(&digest), sum->sha256) != 0;
}

static const char *what_is_wrong(const hop_media_disk *d, const hop_member_sum *sum)
{
    static const char blobs[] = "blobs/sha256/";
    const hop_media_file *f = hop_media_files_find(&d->media.files, sum->member);
    const char *hex = f ? f->sha256 : NULL;
    if (hop_has_prefix(sum->member, blobs) &&
        strlen(sum->member) == strlen(blobs) + sizeof(sum->sha256) - 1)
        hex = sum->member + strlen(blobs);
    if (!sum->sha256[0])
        return "the volume's list does not know it, or with another size";
    if (hex) /* whose bytes are hashed as what they are */
        return strcmp(hex, sum->sha256) == 0 ? NULL
                                             : "the volume's list has another digest";
    return is_damaged(d, sum) ? "it is not as the volume's list says" : NULL;
}

void hop_media_disk_check_volumes(const hop_media_disk *d, hop_strings *out)
{
    for (size_t i = 0; i < d->sum_count; i++) {
        const hop_member_sum *sum = &d->sums[i];
        if (hop_has_prefix(sum->member, "volumes/"))
            continue;
        const char *why = what_is_wrong(d, sum);
        if (!why)
            continue;
        char *text = hop_sprintf("%s: %s: %s", sum->piece.name, sum->member, why);
        hop_strings_take(out, &text);
    }
}
