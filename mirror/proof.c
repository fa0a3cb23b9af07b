/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hop_proof.h"

#include <stdlib.h>
#include <unistd.h>

HOP_PRINTF(5, 0)
static hop_proof_finding *add(hop_proof *p, hop_proof_level level, const char *rule,
                              const char *file, const char *fmt, va_list ap)
{
    p->items = hop_grow(p->items, p->len, &p->cap, sizeof(*p->items));
    hop_proof_finding *f = &p->items[p->len++];
    *f = (hop_proof_finding){.level = level,
                             .rule = rule,
                             .file = hop_strdup(file),
                             .text = hop_vsprintf(fmt, ap)};
    if (level == HOP_PROOF_ERROR)
        p->error_count++;
    else
        p->warning_count++;
    return f;
}

hop_proof_finding *hop_proof_add(hop_proof *p, hop_proof_level level, const char *rule,
                                 const char *file, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    hop_proof_finding *f = add(p, level, rule, file, fmt, ap);
    va_end(ap);
    return f;
}

hop_proof_finding *hop_proof_add_error(hop_proof *p, const char *rule, const char *file,
                                       const hop_error *error)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_error_join(error, &text);
    return hop_proof_add(p, HOP_PROOF_ERROR, rule, file, "%s", hop_buf_get(&text));
}

void hop_proof_drop_releases(hop_proof *p, size_t from)
{
    for (size_t i = from; i < p->release_count; i++) {
        free(p->releases[i].version);
        free(p->releases[i].arch);
        free(p->releases[i].media_type);
        free(p->releases[i].not_gzip);
        hop_release_info_clear(&p->releases[i].info);
    }
    p->release_count = from < p->release_count ? from : p->release_count;
}

void hop_proof_clear(hop_proof *p)
{
    for (size_t i = 0; i < p->len; i++) {
        free(p->items[i].file);
        free(p->items[i].text);
        hop_strings_clear(&p->items[i].hops);
    }
    hop_proof_drop_releases(p, 0);
    free(p->items);
    free(p->releases);
    free(p->manifests.items);
    free(p->blobs.items);
    free(p->missing.items);
    *p = (hop_proof){0};
}

void hop_want_clear(hop_want *w)
{
    if (w->fd >= 0)
        close(w->fd);
    hop_error_free(w->error);
    hop_buf_clear(&w->body);
    free(w->content_type);
    free(w->file);
    *w = (hop_want){.fd = -1};
}
