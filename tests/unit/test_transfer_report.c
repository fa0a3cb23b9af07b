/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "transfer_report.h"

static int exit_with(const hop_status *causes, size_t n, size_t arrived)
{
    hop_failure failures[4] = {{0}};
    for (size_t i = 0; i < n; i++)
        failures[i].status = causes[i];
    hop_mirror_report r = {
        .status = n ? HOP_E_PARTIAL : HOP_OK, .failures = failures, .failure_count = n};
    hop_release_report release = {.count = {.images_done = arrived}};
    r.releases = &release;
    r.release_count = 1;
    r.count.images_done = arrived + 1; /* the graph-data image */
    return hop_transfer_report_exit(&r);
}

static void exit_code_by_what_failed(void **state)
{
    (void)state;
    static const struct {
        hop_status causes[2];
        size_t n, arrived;
        int code;
    } cases[] = {
        {{HOP_OK}, 0, 3, 0},
        {{HOP_E_NET}, 1, 3, 8},               /* a rerun may cure it */
        {{HOP_E_NET}, 1, 0, 5},               /* nothing arrived at all */
        {{HOP_E_NET, HOP_E_DIGEST}, 2, 3, 4}, /* a rerun cures one of the two */
        {{HOP_E_NOT_FOUND}, 1, 3, 5},
        {{HOP_E_AUTH, HOP_E_NET}, 2, 3, 6},
        {{HOP_E_PARSE}, 1, 3, 4},
        {{HOP_E_DISK, HOP_E_DIGEST}, 2, 3, 7},
        {{HOP_E_IO}, 1, 3, 1},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++)
        assert_int_equal(exit_with(cases[i].causes, cases[i].n, cases[i].arrived),
                         cases[i].code);
}

static hop_mirror_report sample(void)
{
    static const hop_image_report images[] = {
        {.release = 0,
         .role = HOP_ROLE_COMPONENT,
         .name = "etcd",
         .source = "q.io/a/b@sha256:1",
         .destination = "h:5/r:4.17.1-x86_64-etcd",
         .size_bytes = 7,
         .state = HOP_ITEM_DONE},
        {.release = 0,
         .role = HOP_ROLE_PAYLOAD,
         .name = "payload",
         .source = "q.io/a/c@sha256:2",
         .destination = "h:5/rr:4.17.1-x86_64",
         .size_bytes = 9,
         .state = HOP_ITEM_FAILED},
    };
    static const hop_release_report releases[] = {
        {.version = "4.17.1",
         .arch = "amd64",
         .state = HOP_ITEM_DONE,
         .bytes_unique = 16,
         .bytes_new = 12,
         .count = {.images_done = 1, .bytes_copied = 2048}}};
    return (hop_mirror_report){
        .releases = releases, .release_count = 1, .images = images, .image_count = 2};
}

static void mapping_is_readable_by_stock_tools(void **state)
{
    (void)state;
    hop_mirror_report r = sample();
    HOP_AUTO_VALUE(hop_buf) out = hop_buf_init(HOP_BUF_TEXT);
    hop_transfer_report_mapping(&r, &out);
    assert_string_equal(
        hop_buf_get(&out),
        "q.io/a/b@sha256:1 h:5/r:4.17.1-x86_64-etcd\n"
        "# 4.17.1 amd64: 16 bytes, 12 of them new on this path\n# all: 12 bytes\n");
}

static void table_fits_a_terminal(void **state)
{
    (void)state;
    hop_mirror_report r = sample();
    HOP_AUTO_VALUE(hop_buf) out = hop_buf_init(HOP_BUF_TEXT);
    hop_transfer_report_text(&r, &out);
    for (const char *line = hop_buf_get(&out); *line; line += strcspn(line, "\n") + 1)
        assert_true(strcspn(line, "\n") <= 90);
    assert_non_null(strstr(hop_buf_get(&out), "4.17.1"));
    assert_non_null(strstr(hop_buf_get(&out), "2.00 KiB"));
}

static void summary_has_the_contract_keys(void **state)
{
    (void)state;
    hop_mirror_report r = sample();
    HOP_AUTO(hop_json) doc = hop_json_new_object();
    hop_transfer_report_json(&r, HOP_RUN_DRY, doc);
    HOP_AUTO_VALUE(hop_buf) out = hop_buf_init(HOP_BUF_TEXT);
    hop_json_dump(doc, HOP_JSON_COMPACT, &out);
    static const char *const parts[] = {
        "\"releases\":[{\"version\":\"4.17.1\",\"arch\":\"amd64\"",
        "\"role\":\"component\",\"name\":\"etcd\"", "\"failures\":[]",
        "\"totals\":{\"images\":"};
    for (size_t i = 0; i < HOP_COUNT_OF(parts); i++)
        assert_non_null(strstr(hop_buf_get(&out), parts[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exit_code_by_what_failed),
        cmocka_unit_test(mapping_is_readable_by_stock_tools),
        cmocka_unit_test(table_fits_a_terminal),
        cmocka_unit_test(summary_has_the_contract_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
