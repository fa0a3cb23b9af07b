/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "media_stock_read.h"

#include <stdlib.h>
#include <string.h>

#define HEX_LEN 64
#define MAX_FILES ((size_t)2000)

static void refuse(hop_media_disk *d, size_t line, const char *why)
{
    char *text = hop_sprintf("%s/" HOP_MEDIA_SUMS ": line %zu: %s",
                             d->directories[0].path, line, why);
    hop_strings_take(&d->refused, &text);
}

/* "graphs/<channel>-<arch>.json", or "graphs/graph-<n>-<arch>.json" of no channel. */
static void add_graph(hop_media *m, const char *path)
{
    const char *name = path + strlen("graphs/");
    const char *dash = strrchr(name, '-'), *dot = strrchr(name, '.');
    if (!dash || !dot || dot < dash)
        return;
    HOP_AUTO_STR channel = hop_strndup(name, (size_t)(dash - name));
    HOP_AUTO_STR arch = hop_strndup(dash + 1, (size_t)(dot - dash - 1));
    const char *number = hop_has_prefix(channel, "graph-") ? channel + 6 : "";
    bool has_none = *number && strspn(number, "0123456789") == strlen(number);
    hop_media_add_graph(m, has_none ? "" : channel, arch, path);
}

static void add_file(hop_media_disk *d, const char *path, const hop_digest *digest)
{
    hop_media *m = &d->media;
    HOP_AUTO(hop_media_reader) r = NULL;
    HOP_AUTO(hop_error) ignored = NULL; /* the proof opens it again */
    bool is_there = hop_media_disk_open_file(d, path, &r, &ignored) == HOP_OK;
    hop_media_files_note(&m->files, path, is_there ? hop_media_reader_get_size(r) : 0,
                         digest);
    bool is_json = hop_has_suffix(path, ".json");
    if (hop_has_prefix(path, "plan-") && is_json)
        hop_strings_add(&m->plans, path);
    else if (hop_has_prefix(path, "graphs/") && is_json)
        add_graph(m, path);
    else if (!m->graph_data && (strcmp(path, HOP_MEDIA_GRAPH_DATA) == 0 ||
                                strcmp(path, "graph-data.tar") == 0))
        m->graph_data = hop_strdup(path);
}

/* "<hex>  <path>". Images may be listed as well, by others: they have digests of their
 * own. */
static void take_line(hop_media_disk *d, const char *line, size_t number)
{
    HOP_AUTO_STR text = hop_sprintf("sha256:%.*s", HEX_LEN, line);
    HOP_AUTO(hop_error) why = NULL;
    hop_digest digest = {0};
    if (hop_digest_parse(text, &digest, &why) != HOP_OK || line[HEX_LEN] != ' ' ||
        (line[HEX_LEN + 1] != ' ' && line[HEX_LEN + 1] != '*')) {
        refuse(d, number, "it is no line of sha256sum");
        return;
    }
    const char *path = line + HEX_LEN + 2;
    if (hop_has_prefix(path, "./"))
        path += 2;
    if (hop_has_prefix(path, "v2/"))
        return;
    if (!hop_media_path_is_safe(path))
        refuse(d, number, "the name leads out of the media, or is none that media has");
    else if (hop_media_files_find(&d->media.files, path))
        refuse(d, number, "the file was listed before");
    else if (d->media.files.len >= MAX_FILES)
        refuse(d, number, "it is one file too many");
    else
        add_file(d, path, &digest);
}

void hop_stock_read_beside(hop_media_disk *d)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_SMALL_BODY);
    HOP_AUTO(hop_error) why = NULL;
    hop_status s = hop_media_disk_read_file(d, HOP_MEDIA_SUMS, &text, &why);
    if (s == HOP_E_NOT_FOUND)
        return;
    if (s != HOP_OK) {
        char *line = hop_strdup(hop_error_get_frame(why, 0));
        hop_strings_take(&d->refused, &line);
        return;
    }
    const char *at = hop_buf_get(&text), *end = at + text.len;
    for (size_t number = 1; at < end; number++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t len = (size_t)((stop ? stop : end) - at);
        HOP_AUTO_STR line = hop_strndup(at, len);
        take_line(d, line, number);
        at += len + 1;
    }
}
