/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "resources.h"

#include <stdlib.h>
#include <string.h>

/** One source and where it is mirrored. */
typedef struct mapping {
    const char *source;
    bool is_payload; /* payloads come from here: the release repository is a mirror */
} mapping;

typedef struct mappings {
    mapping *items;
    size_t len;
    size_t cap;
    char *release_place;
    char *component_place;
} mappings;

static void mappings_clear(mappings *m)
{
    free(m->items);
    free(m->release_place);
    free(m->component_place);
    *m = (mappings){0};
}

static void add_mapping(mappings *m, const char *source, bool is_payload)
{
    /* A second-stage mirror may read from where it writes; that needs no mirror. */
    if (strcmp(source, m->component_place) == 0 || strcmp(source, m->release_place) == 0)
        return;
    for (size_t i = 0; i < m->len; i++)
        if (strcmp(m->items[i].source, source) == 0) {
            m->items[i].is_payload |= is_payload;
            return;
        }
    m->items = hop_grow(m->items, m->len, &m->cap, sizeof(*m->items));
    m->items[m->len++] = (mapping){.source = source, .is_payload = is_payload};
}

static int compare_mappings(const void *a, const void *b)
{
    return strcmp(((const mapping *)a)->source, ((const mapping *)b)->source);
}

/** Sorted by source: the order of releases must not make the nodes roll. */
static mappings collect(const hop_resources_input *in)
{
    mappings m = {.release_place = hop_sprintf("%s/%s", in->host, in->release_repository),
                  .component_place = hop_sprintf("%s/%s", in->host, in->repository)};
    for (size_t i = 0; i < in->release_count; i++) {
        const hop_resources_release *r = &in->releases[i];
        add_mapping(&m, r->payload_repository, true);
        for (size_t j = 0; r->component_sources && j < r->component_sources->len; j++)
            add_mapping(&m, r->component_sources->items[j], false);
    }
    if (m.len > 1)
        qsort(m.items, m.len, sizeof(*m.items), compare_mappings);
    return m;
}

/** The list of mirrors and sources, which all kinds share, indented by `indent`. */
static void add_list(const hop_resources_input *in, const mappings *m, const char *indent,
                     bool has_policy, hop_buf *out)
{
    for (size_t i = 0; i < m->len; i++) {
        hop_buf_addf(out, "%s- mirrors:\n", indent);
        if (m->items[i].is_payload && strcmp(m->release_place, m->component_place) != 0) {
            hop_buf_addf(out, "%s  - ", indent);
            hop_buf_add_yaml(out, m->release_place);
            hop_buf_addc(out, '\n');
        }
        hop_buf_addf(out, "%s  - ", indent);
        hop_buf_add_yaml(out, m->component_place);
        hop_buf_addf(out, "\n%s  source: ", indent);
        hop_buf_add_yaml(out, m->items[i].source);
        hop_buf_addc(out, '\n');
        if (has_policy && in->source_policy == HOP_SOURCE_POLICY_NEVER)
            hop_buf_addf(out, "%s  mirrorSourcePolicy: NeverContactSource\n", indent);
    }
}

static hop_status add_object(const hop_resources_input *in, const mappings *m,
                             bool is_icsp, hop_tree *out, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_addf(&text, "apiVersion: %s\nkind: %s\nmetadata:\n  name: %s\nspec:\n  %s:",
                 is_icsp ? "operator.openshift.io/v1alpha1" : "config.openshift.io/v1",
                 is_icsp ? "ImageContentSourcePolicy" : "ImageDigestMirrorSet",
                 HOP_NAME_MIRROR_SET,
                 is_icsp ? "repositoryDigestMirrors" : "imageDigestMirrors");
    hop_buf_adds(&text, m->len ? "\n" : " []\n");
    add_list(in, m, "  ", !is_icsp, &text);
    return hop_tree_add(out, is_icsp ? HOP_FILE_ICSP : HOP_FILE_IDMS, text.data, text.len,
                        err);
}

static hop_status add_install_stanza(const hop_resources_input *in, const mappings *m,
                                     bool is_icsp, hop_tree *out, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_adds(&text, "# For the install-config.yaml of a new cluster that is to use "
                        "this mirror.\n");
    hop_buf_adds(&text, is_icsp ? "imageContentSources:" : "imageDigestSources:");
    hop_buf_adds(&text, m->len ? "\n" : " []\n");
    add_list(in, m, "", false, &text);
    return hop_tree_add(out, HOP_FILE_INSTALL, text.data, text.len, err);
}

/** Installers before 4.14 know only the older name of the stanza; newer ones take both.
 */
static bool has_old_installer(const hop_resources_input *in)
{
    for (size_t i = 0; i < in->release_count; i++)
        if (!hop_numbers_reach(in->releases[i].version, 4, 14, 0))
            return true;
    return false;
}

hop_status hop_resources_add_mirror_sets(const hop_resources_input *in, hop_tree *out,
                                         hop_error **err)
{
    /* Several clusters may begin with different kinds. */
    bool has_icsp = false, has_idms = false;
    hop_path_span path = {0};
    do {
        path = hop_resources_path_at(in, path.first + path.count);
        hop_set_choice choice = hop_resources_choose_set(in, path);
        has_icsp = has_icsp || choice.uses_icsp;
        has_idms = has_idms || !choice.uses_icsp || choice.converts;
    } while (path.first + path.count < in->hop_count);
    HOP_AUTO_VALUE(mappings) m = collect(in);
    hop_status s = HOP_OK;
    if (has_icsp)
        s = add_object(in, &m, true, out, err);
    if (s == HOP_OK && has_idms)
        s = add_object(in, &m, false, out, err);
    if (s == HOP_OK)
        s = add_install_stanza(in, &m, !has_idms || has_old_installer(in), out, err);
    return s;
}
