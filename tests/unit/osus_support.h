/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * A simulated update service for tests: graph-data as a tree of texts, answers as lines.
 */
#ifndef OSUS_SUPPORT_H
#define OSUS_SUPPORT_H

#include "test_support.h"

#include "hop_osus.h"

static inline void put(hop_tree *t, const char *path, const char *text)
{
    hop_error *err = NULL;
    assert_ok(hop_tree_add(t, path, text, strlen(text), &err), &err);
}

/* Graph-data that says nothing; the files without extension stand for the directories. */
static inline hop_tree empty_tree(void)
{
    hop_tree t = {0};
    put(&t, "version", "1.1.0\n");
    put(&t, "raw/metadata.json", "{}");
    put(&t, "channels/_OWNERS", "");
    put(&t, "blocked-edges/_OWNERS", "");
    return t;
}

static inline hop_osus *serve(hop_tree *t, const char *raw, size_t len)
{
    hop_error *err = NULL;
    HOP_AUTO(hop_graph_data) data = NULL;
    hop_osus *o = NULL;
    assert_ok(hop_tree_sort(t, &err), &err);
    assert_ok(hop_graph_data_read(t, &data, &err), &err);
    assert_ok(hop_osus_new(raw, len, "raw.json", data, &o, &err), &err);
    hop_tree_clear(t);
    return o;
}

/* "A>B" for each edge and "A?B:RISKS" for each conditional one, with blanks between. */
static inline char *edges_text(const hop_json *doc)
{
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(HOP_BUF_TEXT);
    hop_json_view root = hop_json_root(doc, "answer"), nodes, list;
    assert_ok(hop_json_member(&root, "nodes", HOP_JSON_ARRAY, &nodes, &err), &err);
    assert_ok(hop_json_member(&root, "edges", HOP_JSON_ARRAY, &list, &err), &err);
    for (size_t i = 0; i < hop_json_count(&list); i++) {
        hop_json_view edge;
        assert_ok(hop_json_item(&list, i, HOP_JSON_ARRAY, &edge, &err), &err);
        for (size_t end = 0; end < 2; end++) {
            hop_json_view index, node;
            uint64_t at = 0;
            const char *version = NULL;
            assert_ok(hop_json_item(&edge, end, HOP_JSON_INTEGER, &index, &err), &err);
            assert_ok(hop_json_uint(&index, &at, &err), &err);
            assert_ok(hop_json_item(&nodes, at, HOP_JSON_OBJECT, &node, &err), &err);
            assert_ok(hop_json_get_string(&node, "version", &version, &err), &err);
            hop_buf_addf(&b, "%s%s", version, end ? " " : ">");
        }
    }
    assert_ok(hop_json_member(&root, "conditionalEdges", HOP_JSON_ARRAY, &list, &err),
              &err);
    for (size_t i = 0; i < hop_json_count(&list); i++) {
        hop_json_view group, edges, risks;
        assert_ok(hop_json_item(&list, i, HOP_JSON_OBJECT, &group, &err), &err);
        assert_ok(hop_json_member(&group, "edges", HOP_JSON_ARRAY, &edges, &err), &err);
        assert_ok(hop_json_member(&group, "risks", HOP_JSON_ARRAY, &risks, &err), &err);
        for (size_t j = 0; j < hop_json_count(&edges); j++) {
            hop_json_view edge;
            const char *from = NULL, *to = NULL;
            assert_ok(hop_json_item(&edges, j, HOP_JSON_OBJECT, &edge, &err), &err);
            assert_ok(hop_json_get_string(&edge, "from", &from, &err), &err);
            assert_ok(hop_json_get_string(&edge, "to", &to, &err), &err);
            hop_buf_addf(&b, "%s?%s:", from, to);
            for (size_t k = 0; k < hop_json_count(&risks); k++) {
                hop_json_view risk;
                const char *name = NULL;
                assert_ok(hop_json_item(&risks, k, HOP_JSON_OBJECT, &risk, &err), &err);
                assert_ok(hop_json_get_string(&risk, "name", &name, &err), &err);
                hop_buf_adds(&b, name);
            }
            hop_buf_addc(&b, ' ');
        }
    }
    return hop_buf_take(&b);
}

static inline size_t member_count(const hop_json *doc, const char *key)
{
    hop_error *err = NULL;
    hop_json_view root = hop_json_root(doc, "answer"), list;
    assert_ok(hop_json_member(&root, key, HOP_JSON_ARRAY, &list, &err), &err);
    return hop_json_count(&list);
}

#endif
