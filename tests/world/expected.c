/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "expected.h"

#include "hop_json.h"
#include "payload.h"

#include <string.h>

typedef struct tally {
    hop_strings seen; /* digests of blobs */
    uint64_t bytes;
    hop_json *blobs;
    hop_json *signatures;
} tally;

static void add_blobs(tally *t, const hop_blob *blobs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (hop_strings_has(&t->seen, blobs[i].digest.text))
            continue;
        hop_strings_add(&t->seen, blobs[i].digest.text);
        hop_json_set_uint(t->blobs, blobs[i].digest.text, blobs[i].size_bytes);
        t->bytes += blobs[i].size_bytes;
    }
}

static void add_image(tally *t, const hop_image *image)
{
    add_blobs(t, image->blobs, image->blob_count);
    if (!image->signature_tag)
        return;
    hop_json *row = hop_json_append_object(t->signatures);
    hop_json_set_string(row, "image", image->digest.text);
    hop_json_set_string(row, "tag", image->signature_tag);
    hop_json_set_string(row, "digest", image->signature.text);
}

static void write_entry(const hop_entry *e, hop_json *row)
{
    tally t = {0};
    hop_json_set_string(row, "release", e->version);
    hop_json_set_string(row, "arch", e->arch);
    hop_json_set_string(row, "component", e->component);
    hop_json_set_string(row, "repository", e->image->repository);
    hop_json_set_string(row, "digest", e->image->digest.text);
    hop_json_set_string(row, "mediaType", e->image->media_type);
    hop_json *children = hop_json_add_array(row, "children");
    t.blobs = hop_json_add_object(row, "blobs");
    t.signatures = hop_json_add_array(row, "signatures");
    add_image(&t, e->image);
    for (size_t i = 0; i < e->image->child_count; i++) {
        hop_json_append_string(children, e->image->children[i]->digest.text);
        add_image(&t, e->image->children[i]);
    }
    hop_json_set_uint(row, "bytes", t.bytes);
    hop_strings_clear(&t.seen);
}

hop_status hop_world_write_expected(const hop_world *w, const char *dir, hop_error **err)
{
    HOP_AUTO(hop_json) doc = hop_json_new_object();
    hop_json *releases = hop_json_add_array(doc, "releases");
    hop_json *images = hop_json_add_array(doc, "images");
    for (size_t i = 0; i < w->entry_count; i++) {
        const hop_entry *e = &w->entries[i];
        write_entry(e, hop_json_append_object(images));
        if (strcmp(e->component, "payload") != 0)
            continue;
        HOP_AUTO_STR tag = hop_payload_tag(e->version, e->arch);
        hop_json *row = hop_json_append_object(releases);
        hop_json_set_string(row, "version", e->version);
        hop_json_set_string(row, "arch", e->arch);
        hop_json_set_string(row, "tag", tag);
        hop_json_set_string(row, "payload", e->image->digest.text);
    }
    HOP_AUTO_STR path = hop_sprintf("%s/expected.json", dir);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_json_dump(doc, HOP_JSON_INDENT, &text);
    hop_buf_addc(&text, '\n');
    return hop_store_write(path, text.data, text.len, err);
}
