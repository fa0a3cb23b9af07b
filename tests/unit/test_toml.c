/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test_support.h"

#include "toml.h"

#include <stdio.h>

/* The tree on one line, as JSON would have it; numbers in angle brackets. */
static void show(const hop_toml *t, hop_buf *out)
{
    switch (t->type) {
    case HOP_TOML_STRING:
        hop_buf_addf(out, "\"%s\"", t->text);
        return;
    case HOP_TOML_BOOL:
        hop_buf_adds(out, t->truth ? "true" : "false");
        return;
    case HOP_TOML_NUMBER:
        hop_buf_addf(out, "<%s>", t->text);
        return;
    case HOP_TOML_ARRAY:
    case HOP_TOML_TABLE:
        break;
    }
    bool is_table = t->type == HOP_TOML_TABLE;
    hop_buf_addc(out, is_table ? '{' : '[');
    for (size_t i = 0; i < t->len; i++) {
        if (i > 0)
            hop_buf_addc(out, ',');
        if (is_table)
            hop_buf_addf(out, "%s:", t->keys[i]);
        show(t->items[i], out);
    }
    hop_buf_addc(out, is_table ? '}' : ']');
}

static void good_texts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *tree;
    } cases[] = {
        {"", "{}"},
        {"# only a comment", "{}"},
        {"\xef\xbb\xbf"
         "a=1\r\nb = 'x'\r\n",
         "{a:<1>,b:\"x\"}"},
        {"a = true # yes\nb=false", "{a:true,b:false}"},
        {"a = \"q\\\"\\\\\\t\\u00e9\\U0001F600\"",
         "{a:\"q\"\\\t\xc3\xa9\xf0\x9f\x98\x80\"}"},
        {"a = 'C:\\no'", "{a:\"C:\\no\"}"},
        {"a = \"\"\"\nx\\\n   y\n\"z\"\"\"\"", "{a:\"xy\n\"z\"\"}"},
        {"a = '''\nx'y'''", "{a:\"x'y\"}"},
        {"a = [ 'x', # one\n 'y',\n]\n", "{a:[\"x\",\"y\"]}"},
        {"a = [[1,2],[]]", "{a:[[<1>,<2>],[]]}"},
        {"a = {b = 'c', d.e = 1}", "{a:{b:\"c\",d:{e:<1>}}}"},
        {"a = {}", "{a:{}}"},
        {"a.b.\"c d\" = 1\na.e = 2", "{a:{b:{c d:<1>},e:<2>}}"},
        {"[t]\na=1\n[t.u]\nb=2\n[v]", "{t:{a:<1>,u:{b:<2>}},v:{}}"},
        {"[[r]]\na=1\n[[r.m]]\nx=1\n[[r.m]]\nx=2\n[[r]]\na=2\n",
         "{r:[{a:<1>,m:[{x:<1>},{x:<2>}]},{a:<2>}]}"},
        {"[a.b]\n[a]\n", "{a:{b:{}}}"},
        {"d = 1979-05-27T07:32:00Z\nf = -1.5e+3\ni = inf",
         "{d:<1979-05-27T07:32:00Z>,f:<-1.5e+3>,i:<inf>}"},
        {"'' = 1\n\"x.y\" = 2\n3 = 4", "{:<1>,x.y:<2>,3:<4>}"},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        HOP_AUTO(hop_toml) root = NULL;
        hop_error *err = NULL;
        assert_ok(hop_toml_parse(cases[i].text, strlen(cases[i].text), "f", &root, &err),
                  &err);
        HOP_AUTO_VALUE(hop_buf) tree = hop_buf_init(HOP_BUF_TEXT);
        show(root, &tree);
        if (strcmp(hop_buf_get(&tree), cases[i].tree) != 0)
            fail_msg("case %zu: %s", i, hop_buf_get(&tree));
    }
}

static void bad_texts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *message;
    } cases[] = {
        {"a", "f:1: expected \"=\""},
        {"\n\na = ", "f:3: expected a value"},
        {"a = yes", "f:1: expected a value"},
        {"a = 1 b = 2", "f:1: expected the end of the line"},
        {"a = 'x\n'", "f:1: a string does not end"},
        {"a = \"x", "f:1: a string does not end"},
        {"a = \"\"\"x\ny", "f:2: a string does not end"},
        {"a = \"\\q\"", "bad escape"},
        {"a = \"\\u12\"", "bad escape"},
        {"a = \"\\ud800\"", "bad escape"},
        {"a = \"\\u0000\"", "bad escape"},
        {"a = 1\na = 2", "f:2: a key is set twice"},
        {"a.b = 1\na = 2", "f:2: a key is set twice"},
        {"a = 1\na.b = 2", "f:2: a key is a value and a table"},
        {"[t]\n[t]", "f:2: a table is there twice"},
        {"t = 1\n[t]", "f:2: a key is a value and a table"},
        {"t = 1\n[[t]]", "a value and an array"},
        {"t = []\n[[t]]", "a value and an array"},
        {"[t\n", "f:1: expected \"]\""},
        {"[[t]\n", "f:1: expected \"]\""},
        {"[]", "expected a key"},
        {"a = [1 2]", "expected \",\" or \"]\""},
        {"a = [1", "expected \",\" or \"]\""},
        {"a = {b = 1", "expected \",\" or \"}\""},
        {"a = {b = 1\n}", "expected \",\" or \"}\""},
        {"= 1", "expected a key"},
    };
    for (size_t i = 0; i < HOP_COUNT_OF(cases); i++) {
        HOP_AUTO(hop_toml) root = NULL;
        hop_error *err = NULL;
        assert_fails(
            hop_toml_parse(cases[i].text, strlen(cases[i].text), "f", &root, &err), &err,
            HOP_E_PARSE, cases[i].message);
        assert_null(root);
    }
    HOP_AUTO(hop_toml) root = NULL;
    hop_error *err = NULL;
    assert_fails(hop_toml_parse("a = \0", 5, "f", &root, &err), &err, HOP_E_PARSE,
                 "expected a value");
}

static void depth_has_a_limit(void **state)
{
    (void)state;
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_adds(&text, "a = ");
    for (int i = 0; i < 40; i++)
        hop_buf_addc(&text, '[');
    HOP_AUTO(hop_toml) root = NULL;
    hop_error *err = NULL;
    assert_fails(hop_toml_parse(hop_buf_get(&text), text.len, "f", &root, &err), &err,
                 HOP_E_LIMIT, "32 levels");
    hop_buf_reset(&text);
    for (int i = 0; i < 40; i++)
        hop_buf_adds(&text, "a.");
    assert_fails(hop_toml_parse(hop_buf_get(&text), text.len, "f", &root, &err), &err,
                 HOP_E_LIMIT, "32 levels");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_texts),
        cmocka_unit_test(bad_texts),
        cmocka_unit_test(depth_has_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
