/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text that wants to be more than text: every document in fixtures/hostile/accept is
 * planned with, and what is printed or written of it must hold nothing that acts on a
 * terminal, in a shell, in YAML or in a page; those in reject are refused, in a message
 * that is harmless itself. */
#include "test_support.h"

#include "hop_file.h"
#include "hop_resources.h"
#include "plan_report.h"

#include <dirent.h>
#include <stdio.h>

static bool is_continuation(const char *p)
{
    return ((unsigned char)*p & 0xc0) == 0x80;
}

/* Valid UTF-8 without control characters but the line break; no C1 control, and nothing
 * that turns the direction of writing. */
static void assert_harmless(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        assert_true(c == '\n' || (c >= ' ' && c != 0x7f));
        if (c < 0x80)
            continue;
        size_t more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
        assert_true(c >= 0xc2 && c < 0xf5 && i + more < len);
        for (size_t k = 1; k <= more; k++)
            assert_true(is_continuation(text + i + k));
        assert_false(c == 0xc2 && (unsigned char)text[i + 1] < 0xa0);
        assert_memory_not_equal(text + i, "\xe2\x80\xae", more < 2 ? 2 : 3);
        i += more;
    }
}

typedef void visit(const char *name, const char *text, size_t len);

static void for_each(const char *kind, visit *look)
{
    HOP_AUTO_STR path = hop_sprintf("%s/hostile/%s", getenv("HOP_TEST_FIXTURES"), kind);
    DIR *dir = opendir(path);
    assert_non_null(dir);
    size_t count = 0;
    for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        if (*e->d_name == '.')
            continue;
        hop_error *err = NULL;
        HOP_AUTO_STR file = hop_sprintf("%s/%s", path, e->d_name);
        HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_DOCUMENT);
        assert_ok(hop_file_read(file, &text, &err), &err);
        look(e->d_name, hop_buf_get(&text), text.len);
        count++;
    }
    closedir(dir);
    assert_true(count >= 4);
}

static hop_plan_set *plan_document(const char *name, const char *text, size_t len)
{
    hop_error *err = NULL;
    hop_plan_set *set = NULL;
    HOP_AUTO(hop_graph) g = hop_graph_new();
    HOP_AUTO_VALUE(hop_strings) starts = {0};
    hop_strings_add(&starts, "4.17.20");
    hop_graph_source source = {.name = name, .channel = "stable-4.18"};
    assert_ok(hop_graph_add(g, text, len, &source, &err), &err);
    hop_plan_opts o = {.to = "4.18.3"};
    assert_ok(hop_plan_set_make(g, &o, &starts, &set, &err), &err);
    assert_int_equal(set->status, HOP_PLAN_NEEDS_RISKS);
    return set;
}

static void look_at_text(const char *name, const char *text, size_t len)
{
    HOP_AUTO_VALUE(hop_buf) out = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO(hop_plan_set) set = plan_document(name, text, len);
    hop_plan_set_report_text(set, &out);
    assert_harmless(hop_buf_get(&out), out.len);
    /* The flag is to be pasted: one word, in quotes where it is not plain. */
    const char *flag = strstr(hop_buf_get(&out), "--accept-risk ");
    assert_non_null(flag);
    const char *word = flag + strlen("--accept-risk ");
    size_t plain = strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
    assert_true(*word == '\'' || word[plain] == '\n');
}

static void look_at_json(const char *name, const char *text, size_t len)
{
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_buf) out = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO(hop_plan_set) set = plan_document(name, text, len);
    HOP_AUTO(hop_json) doc = hop_plan_set_report_json(set);
    hop_json_dump(doc, HOP_JSON_INDENT, &out);
    for (size_t i = 0; i < out.len; i++)
        assert_true(out.data[i] == '\n' || (unsigned char)out.data[i] >= ' ');
    HOP_AUTO(hop_json) again = NULL;
    assert_ok(hop_json_parse(hop_buf_get(&out), out.len, "plan", &again, &err), &err);
    HOP_AUTO(hop_plan_set) back = NULL;
    assert_ok(hop_plan_set_parse(hop_buf_get(&out), out.len, "plan", &back, &err), &err);
    assert_string_equal(back->needed_risks.items[0], set->needed_risks.items[0]);
}

/* ---- resources ---- */

static void fill_release(hop_resources_release *out, const hop_release *r)
{
    hop_error *err = NULL;
    static hop_strings none;
    *out = (hop_resources_release){.version = r->version,
                                   .arch = "amd64",
                                   .url = r->url,
                                   .payload_repository = "r.example.com/x/y",
                                   .component_sources = &none};
    assert_ok(hop_digest_parse(strchr(r->payload, '@') + 1, &out->payload, &err), &err);
}

/* What stands between ``` lines is run by people. */
static void assert_commands_are_ours(const char *markdown)
{
    bool is_command = false;
    for (const char *p = markdown; *p;) {
        size_t len = strcspn(p, "\n");
        HOP_AUTO_STR line = hop_strndup(p, len);
        if (hop_has_prefix(line, "```")) {
            is_command = !is_command;
        } else if (is_command) {
            assert_null(strstr(line, "reboot"));
            assert_null(strstr(line, "pwned"));
            assert_null(strstr(line, "script"));
        } else if (strstr(line, "reboot") && !hop_has_prefix(line, "    ")) {
            fail_msg("outside of a quotation: %s", line);
        }
        p += len + (p[len] == '\n');
    }
    assert_false(is_command);
}

static void assert_page_is_inert(const char *html)
{
    assert_null(strstr(html, "<script>alert"));
    assert_null(strstr(html, "<img"));
    assert_null(strstr(html, "href=\"javascript:"));
    assert_null(strstr(html, "\"onmouseover"));
}

static void look_at_resources(const char *name, const char *text, size_t len)
{
    hop_error *err = NULL;
    HOP_AUTO(hop_plan_set) set = plan_document(name, text, len);
    const hop_plan *plan = set->plans[0];
    const hop_plan_edge *edge = &plan->best.edges[0];
    hop_resources_release releases[2];
    for (size_t i = 0; i < 2; i++)
        fill_release(&releases[i], &plan->best.releases[i]);
    hop_resources_risk risk = {.name = edge->risks[0]->name,
                               .message = edge->risks[0]->message,
                               .url = edge->risks[0]->url,
                               .matching_rules = edge->risks[0]->rules_json};
    hop_resources_hop hop = {.from = edge->from,
                             .to = edge->to,
                             .arch = "amd64",
                             .channel = edge->channel,
                             .risks = &risk,
                             .risk_count = 1};
    hop_resources_input in = {.host = "mirror.example:5000",
                              .repository = "ocp4/openshift4",
                              .release_repository = "ocp4/openshift4-release-images",
                              .releases = releases,
                              .release_count = 2,
                              .hops = &hop,
                              .hop_count = 1};
    HOP_AUTO_VALUE(hop_tree) files = {0};
    assert_ok(hop_resources_build(&in, &files, &err), &err);
    assert_true(files.len > 3);
    for (size_t i = 0; i < files.len; i++) {
        const hop_tree_file *f = &files.files[i];
        assert_true(hop_tree_path_is_safe(f->path));
        if (!hop_has_prefix(f->path, "graphs/"))
            assert_harmless(f->data, f->len);
        if (strcmp(f->path, "RUNBOOK.md") == 0)
            assert_commands_are_ours(f->data);
        else if (hop_has_suffix(f->path, ".html"))
            assert_page_is_inert(f->data);
        else if (hop_has_suffix(f->path, ".yaml") && !strstr(f->path, "admin"))
            assert_null(strstr(f->data, "alert("));
    }
}

static void look_at_refusal(const char *name, const char *text, size_t len)
{
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_buf) out = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO(hop_graph) g = hop_graph_new();
    hop_graph_source source = {.name = name};
    hop_status s = hop_graph_add(g, text, len, &source, &err);
    assert_int_equal(s, HOP_E_PARSE);
    hop_error_print(err, &out);
    hop_error_drop(&err);
    assert_harmless(hop_buf_get(&out), out.len);
    assert_non_null(strstr(hop_buf_get(&out), name));
    assert_int_equal(hop_graph_count(g), 0);
}

static void text_acts_on_no_terminal_and_flags_on_no_shell(void **state)
{
    (void)state;
    for_each("accept", look_at_text);
}

static void json_stays_json(void **state)
{
    (void)state;
    for_each("accept", look_at_json);
}

static void resources_hold_quotations_only(void **state)
{
    (void)state;
    for_each("accept", look_at_resources);
}

static void refusals_are_harmless_themselves(void **state)
{
    (void)state;
    for_each("reject", look_at_refusal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_acts_on_no_terminal_and_flags_on_no_shell),
        cmocka_unit_test(json_stays_json),
        cmocka_unit_test(resources_hold_quotations_only),
        cmocka_unit_test(refusals_are_harmless_themselves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
