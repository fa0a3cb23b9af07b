/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "media_torn.h"

#include "hop_file.h"
#include "media_member.h"
#include "tar_writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK_BYTES (256 * HOP_KIB)
#define HEX_LEN 64u

void hop_torn_clear(hop_torn *t)
{
    hop_media_files_clear(&t->files);
    free(t->list);
    *t = (hop_torn){0};
}

/* All of it, or false. */
static bool read_at(int fd, uint64_t at, char *out, size_t len)
{
    while (len > 0) {
        ssize_t n = pread(fd, out, len, (off_t)at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        out += n;
        at += (uint64_t)n;
        len -= (size_t)n;
    }
    return true;
}

static bool is_zero(int fd, uint64_t from, uint64_t to)
{
    static const char zeros[HOP_TAR_END_BYTES] = {0};
    char bytes[HOP_TAR_END_BYTES];
    size_t len = (size_t)(to - from);
    return len <= sizeof(bytes) && read_at(fd, from, bytes, len) &&
           memcmp(bytes, zeros, len) == 0;
}

static bool hash_at(int fd, uint64_t at, uint64_t len, hop_digest *out)
{
    HOP_AUTO_STR chunk = hop_alloc(CHUNK_BYTES, 1);
    HOP_AUTO(hop_hash) h = hop_hash_new();
    while (len > 0) {
        size_t n = len < CHUNK_BYTES ? (size_t)len : CHUNK_BYTES;
        if (!read_at(fd, at, chunk, n))
            return false;
        hop_hash_update(h, chunk, n);
        at += n;
        len -= n;
    }
    *out = hop_hash_finish(h);
    return true;
}

/* True when the member at `at` is what the line says: `*next` is where it ends. */
static bool is_right(int fd, uint64_t at, const char *line, hop_member *m,
                     hop_digest *digest, uint64_t *next)
{
    char block[HOP_MEMBER_BLOCK];
    if (strlen(line) < HEX_LEN + 2 || !read_at(fd, at, block, sizeof(block)) ||
        hop_member_read(block, m) || m->is_end || m->size_bytes > INT64_MAX / 2 ||
        strcmp(m->path, line + HEX_LEN + 2) != 0)
        return false;
    uint64_t data = at + HOP_MEMBER_BLOCK;
    *next = at + hop_tar_size(m->size_bytes);
    return hash_at(fd, data, m->size_bytes, digest) &&
           memcmp(hop_digest_get_hex(digest), line, HEX_LEN) == 0 &&
           is_zero(fd, data + m->size_bytes, *next);
}

static void take_list(int fd, uint64_t at, const hop_member *m, uint64_t end,
                      hop_torn *out)
{
    struct stat st;
    if (m->size_bytes > HOP_MAX_DOCUMENT || fstat(fd, &st) != 0 ||
        (uint64_t)st.st_size != end + HOP_TAR_END_BYTES ||
        !is_zero(fd, end, end + HOP_TAR_END_BYTES))
        return;
    HOP_AUTO_STR text = hop_alloc((size_t)m->size_bytes + 1, 1);
    if (!read_at(fd, at + HOP_MEMBER_BLOCK, text, (size_t)m->size_bytes))
        return;
    out->list = hop_steal(&text);
    out->list_len = (size_t)m->size_bytes;
}

static void drop_behind(hop_media_files *files, size_t len)
{
    while (files->len > len)
        free(files->items[--files->len].path);
}

void hop_torn_read(const char *volume_path, const char *sums_path, hop_torn *out)
{
    HOP_AUTO_VALUE(hop_buf) sums = hop_buf_init(HOP_MAX_DOCUMENT);
    HOP_AUTO(hop_error) ignored = NULL;
    HOP_AUTO_FD fd = open(volume_path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0 || hop_file_read(sums_path, &sums, &ignored) != HOP_OK)
        return;
    uint64_t at = 0;
    size_t sure = 0;
    const char *text = hop_buf_get(&sums), *end = NULL;
    for (const char *from = text; !out->list && (end = strchr(from, '\n'));
         from = end + 1) {
        HOP_AUTO_STR line = hop_strndup(from, (size_t)(end - from));
        hop_digest digest;
        hop_member m;
        uint64_t next = 0;
        if (strcmp(line, HOP_TORN_WHOLE) == 0) {
            sure = out->files.len;
            out->end_bytes = at;
            out->sums_bytes = (uint64_t)(end + 1 - text);
            continue;
        }
        if (!is_right(fd, at, line, &m, &digest, &next))
            break;
        if (hop_has_prefix(m.path, "volumes/")) {
            take_list(fd, at, &m, next, out);
            break;
        }
        hop_media_files_note(&out->files, m.path, m.size_bytes, &digest);
        at = next;
    }
    drop_behind(&out->files, sure);
}
