/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DOT, SVG and HTML of plans: what they say, that they are the same twice, and that text
 * from outside stays text. */
#include "graph_support.h"

#include "hop_file.h"
#include "plan_report.h"

typedef void (*renderer)(const hop_plan_set *set, const hop_drawing *d, hop_buf *out);

static const renderer renderers[] = {hop_plan_report_dot, hop_plan_report_svg,
                                     hop_plan_report_html};

static char *picture_from(const hop_graph *g, const hop_plan_opts *o, const char *other,
                          renderer render)
{
    hop_error *err = NULL;
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_VALUE(hop_strings) starts = strings_of(o->from, other);
    HOP_AUTO(hop_plan_set) set = NULL;
    HOP_AUTO(hop_drawing) d = NULL;
    hop_drawing_opts how = {.plan = o};
    assert_ok(hop_plan_set_make(g, o, &starts, &set, &err), &err);
    assert_ok(hop_graph_draw(g, set, &how, &d, &err), &err);
    render(set, d, &b);
    return hop_buf_take(&b);
}

static char *picture_of(const hop_graph *g, const hop_plan_opts *o, renderer render)
{
    return picture_from(g, o, NULL, render);
}

static void assert_says(const char *text, const char *part)
{
    if (!strstr(text, part)) {
        print_error("missing: %s\n", part);
        fail();
    }
}

static void assert_silent(const char *text, const char *part)
{
    const char *at = strcasestr(text, part);
    if (at) {
        print_error("must not stand there: %.120s\n", at);
        fail();
    }
}

static void pictures_show_the_path_and_its_kinds(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph)
    g = graph_of(
        "4.1.0 > 4.1.1; 4.1.1 ? 4.2.0 RiskA; 4.1.0 > 4.1.2; 4.1.2 ? 4.2.0 RiskB");
    HOP_AUTO_VALUE(hop_strings) accept = strings_of("RiskA", "RiskB");
    hop_plan_opts o = {
        .from = "4.1.0", .to = "4.2.0", .accept_risks = &accept, .paths = 2};
    HOP_AUTO_STR dot = picture_of(g, &o, hop_plan_report_dot);
    assert_says(dot, "label=\"4.1.0 to 4.2.0 (amd64): 2 hops, 1 conditional\"");
    assert_says(dot, "subgraph cluster_1 {\n    label=\"4.2\"");
    assert_says(dot, "\"4.1.0\" -> \"4.1.2\" [color=\"#0b5cad\", penwidth=3.5]");
    assert_says(dot, "\"4.1.2\" -> \"4.2.0\" [color=\"#b3480a\", penwidth=3.5, "
                     "style=dashed, label=\"RiskB\"]");
    assert_says(dot, "\"4.1.0\" -> \"4.1.1\" [color=\"#0b7a66\", penwidth=2]");
    HOP_AUTO_STR svg = picture_of(g, &o, hop_plan_report_svg);
    assert_says(svg, "<path class=\"e path\" data-from=\"4.1.0\" data-to=\"4.1.2\"");
    assert_says(svg, "<path class=\"e path cond\" data-from=\"4.1.2\" data-to=\"4.2.0\"");
    assert_says(svg, "<path class=\"e other cond\" data-from=\"4.1.1\"");
    assert_says(svg, "<title>4.1.2 to 4.2.0, conditional: RiskB</title>");
    HOP_AUTO_STR html = picture_of(g, &o, hop_plan_report_html);
    assert_says(html, "<td class=\"risky\">conditional: <a href=\"#risk-1\">RiskB</a>");
    assert_says(html, "<article class=\"risk\" id=\"risk-1\">\n<h3>RiskB</h3>");
    assert_says(html, "<a rel=\"noreferrer\" href=\"https://example.com/risk\">");
    assert_says(html, "Applies to every cluster.");
    assert_says(html, "<li>Hop 2, 4.1.2 to 4.2.0</li>");
    assert_says(html, "On other paths only.");
    assert_says(html, "<li>4.1.0 → 4.1.1 → 4.2.0");
    assert_says(html, "The path is one of 2 equally good ones");
    assert_says(html, "Content-Security-Policy");
}

static void answers_without_a_path_are_pages_too(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph)
    g = graph_of("4.1.0 > 4.1.1; 4.2.0 > 4.2.1; 4.1.0 ? 4.1.9 R1,R2; 4.1.1 > 4.1.2");
    hop_plan_opts unreachable = {.from = "4.1.0", .to = "4.2.1"};
    HOP_AUTO_STR a = picture_of(g, &unreachable, hop_plan_report_html);
    assert_says(a,
                "<header class=\"bad\">\n<h1>No path from 4.1.0 to 4.2.1 (amd64)</h1>");
    assert_says(a, "<dt>The start can reach</dt>");
    assert_says(a, "not offered in any channel that was read");
    assert_says(a, "<g class=\"n reached end\" data-version=\"4.1.0\"");
    assert_says(a, "<g class=\"n reaching\" data-version=\"4.2.0\"");
    assert_says(a, "</svg> reached from the start</li>");
    assert_silent(a, "id=\"path\"");
    hop_plan_opts risky = {.from = "4.1.0", .to = "4.1.9"};
    HOP_AUTO_STR b = picture_of(g, &risky, hop_plan_report_html);
    assert_says(b, "<h1>4.1.0 to 4.1.9 (amd64), only with risks: 1 hop, 1 conditional");
    assert_says(b, "The path with the least risk");
    assert_says(b, "--accept-risk R1 \\\n--accept-risk R2</code>");
    assert_says(b, "<h2>Why not without risks</h2>");
    hop_plan_opts unknown = {.from = "4.7.1", .to = "4.7.2"};
    HOP_AUTO_STR c = picture_of(g, &unknown, hop_plan_report_html);
    assert_says(c, "<dt>Nearest to the start</dt>");
    assert_silent(c, "id=\"graph\"");
    hop_plan_opts same = {.from = "4.1.0", .to = "4.1.0"};
    HOP_AUTO_STR d = picture_of(g, &same, hop_plan_report_html);
    assert_says(d, "4.1.0 is the start and the target (amd64): nothing to do");
    assert_says(d, "<g class=\"n path end\" data-version=\"4.1.0\"");
}

static void several_starts_have_a_path_each(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph)
    g = graph_of("4.1.0 > 4.1.5; 4.1.1 > 4.1.5; 4.1.5 ? 4.2.0 R; 4.2.7");
    hop_plan_opts o = {.from = "4.1.0", .to = "4.2.0"};
    HOP_AUTO_STR html = picture_from(g, &o, "4.1.1", hop_plan_report_html);
    assert_says(html,
                "<h1>2 starts to 4.2.0 (amd64), only with risks: 4 releases in all");
    assert_says(html,
                "<section id=\"path\">\n<h2>The path with the least risk from 4.1.0");
    assert_says(html,
                "<section id=\"path-2\">\n<h2>The path with the least risk from 4.1.1");
    assert_says(html, ": 4.1.0, 4.1.1, 4.1.5, 4.2.0</p>");
    assert_says(html, "<li>Hop 2 from 4.1.1, 4.1.5 to 4.2.0</li>");
    assert_says(html, "<code>--accept-risk R</code>");
    assert_silent(html, "Other paths");
    HOP_AUTO_STR svg = picture_from(g, &o, "4.1.1", hop_plan_report_svg);
    assert_says(svg, "<g class=\"n path end\" data-version=\"4.1.1\"");
    o.to = "4.2.7";
    HOP_AUTO_STR none = picture_from(g, &o, "4.1.1", hop_plan_report_dot);
    assert_says(none, "label=\"2 starts to 4.2.7 (amd64): 2 of them without a path\"");
}

static void paused_pools_have_their_column(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph) g = graph_of("4.2.0 > 4.3.0; 4.3.0 > 4.4.0");
    hop_plan_opts o = {.from = "4.2.0", .to = "4.4.0", .workers = HOP_WORKERS_PAUSE};
    HOP_AUTO_STR html = picture_of(g, &o, hop_plan_report_html);
    assert_says(html, "<th scope=\"col\">worker pools</th>");
    assert_says(html, "<td>pause them before</td>");
    assert_says(html, "<td>unpause them after</td>");
    assert_says(html, "Worker nodes reboot 1 time.");
}

static void many_other_paths_are_folded_away(void **state)
{
    (void)state;
    HOP_AUTO_VALUE(hop_buf) lines = hop_buf_init(HOP_BUF_TEXT);
    for (int i = 1; i <= 30; i++)
        hop_buf_addf(&lines, "4.1.0 > 4.1.%d; 4.1.%d > 4.1.99;", i, i);
    HOP_AUTO(hop_graph) g = graph_of(hop_buf_get(&lines));
    hop_plan_opts o = {.from = "4.1.0", .to = "4.1.99", .paths = 30};
    HOP_AUTO_STR html = picture_of(g, &o, hop_plan_report_html);
    assert_says(html, "<ol start=\"2\">\n<li>4.1.0 → 4.1.29 → 4.1.99</li>");
    assert_says(html,
                "<summary>9 more</summary>\n<ol start=\"22\">\n<li>4.1.0 → 4.1.9 →");
    o.paths = 21;
    HOP_AUTO_STR few = picture_of(g, &o, hop_plan_report_html);
    assert_silent(few, "<details>");
}

static void the_same_plan_gives_the_same_bytes(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph)
    g = graph_of("4.1.0 > 4.1.1; 4.1.1 > 4.1.2; 4.1.0 > 4.1.2; 4.1.2 ? 4.2.0 R; 4.1.1 > "
                 "4.2.0");
    HOP_AUTO(hop_graph)
    h = graph_of("4.1.1 > 4.2.0; 4.1.2 ? 4.2.0 R; 4.1.0 > 4.1.2; 4.1.1 > 4.1.2; 4.1.0 > "
                 "4.1.1");
    hop_plan_opts o = {.from = "4.1.0", .to = "4.2.0", .paths = 3};
    for (size_t i = 0; i < HOP_COUNT_OF(renderers); i++) {
        HOP_AUTO_STR a = picture_of(g, &o, renderers[i]);
        HOP_AUTO_STR b = picture_of(g, &o, renderers[i]);
        HOP_AUTO_STR c = picture_of(h, &o, renderers[i]);
        assert_string_equal(a, b);
        assert_string_equal(a, c);
    }
}

/* ---- hostile text ---- */

static hop_graph *read_fixture(const char *name)
{
    hop_error *err = NULL;
    const char *folder = getenv("HOP_TEST_FIXTURES");
    HOP_AUTO_STR path = hop_sprintf("%s/%s", folder ? folder : "tests/fixtures", name);
    HOP_AUTO_VALUE(hop_buf) text = hop_buf_init(HOP_MAX_DOCUMENT);
    assert_ok(hop_file_read(path, &text, &err), &err);
    hop_graph *g = hop_graph_new();
    hop_graph_source source = {.name = name, .channel = "stable-4.1"};
    assert_ok(hop_graph_add(g, hop_buf_get(&text), text.len, &source, &err), &err);
    return g;
}

/* Nothing that a terminal obeys, and nothing that is no UTF-8. */
static void assert_plain(const char *text)
{
    size_t len = strlen(text);
    for (size_t i = 0; i < len;) {
        uint32_t cp = 0;
        size_t n = hop_utf8_decode(text + i, len - i, &cp);
        if (n == 0 || (cp < 0x20 && cp != '\n' && cp != '\t') || cp == 0x7f ||
            cp == 0x202e || cp == 0xfffe) {
            print_error("raw U+%04x before: %.40s\n", (unsigned)cp, text + i + 1);
            fail();
        }
        i += n ? n : 1;
    }
}

static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;
    for (; (text = strcasestr(text, part)) != NULL; text++)
        count++;
    return count;
}

static void assert_harmless_markup(const char *text)
{
    assert_plain(text);
    assert_silent(text, "<script>alert");
    assert_silent(text, "<svg onload");
    assert_silent(text, "<img");
    assert_silent(text, "<b>");
    assert_silent(text, "href=\"javascript");
    assert_silent(text, "url=\"javascript");
    assert_silent(text, "\"onmouseover");
    assert_silent(text, "href=\"data:");
}

static void hostile_graphs_become_harmless_pictures(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph) g = read_fixture("hostile/graph.json");
    hop_plan_opts o = {.from = "4.1.0", .to = "4.1.2", .paths = 3};
    HOP_AUTO_STR svg = picture_of(g, &o, hop_plan_report_svg);
    assert_harmless_markup(svg);
    assert_silent(svg, "<script");
    assert_silent(svg, "data-url=\"javascript");
    assert_says(svg, "&lt;/title&gt;&lt;/script&gt;");
    HOP_AUTO_STR html = picture_of(g, &o, hop_plan_report_html);
    assert_harmless_markup(html);
    assert_int_equal(count_of(html, "<script"), 1); /* ours */
    assert_int_equal(count_of(html, "</script"), 1);
    assert_int_equal(count_of(html, "</style"), 1);
    assert_says(html, "<h3>&lt;/title&gt;&lt;/script&gt;&lt;script&gt;alert(&#39;name");
    assert_says(html, "<p>javascript:alert(1)</p>"); /* shown, but no link */
    assert_says(html, "\\x1b[31mred");
    assert_says(html, "href=\"https://issues.example/browse/FINE-1?a=1&amp;b=2\"");
    assert_says(html, "--accept-risk &#39;$(touch /tmp/owned)&#39;\\&#39;&#39;; touch");
    assert_says(html, "A\\u{202e}B\\u{fffe}C &amp; &lt;b&gt;bold");
    HOP_AUTO_STR dot = picture_of(g, &o, hop_plan_report_dot);
    assert_plain(dot);
    assert_silent(dot, "URL=\"javascript");
    assert_says(dot, "\\\"]; evil [label=\\\"\\\\N\\\\G\\\" URL=\\\"javascript:");
}

/* Versions and channels are checked long before; the renderers don't rely on it. */
static void hostile_versions_are_escaped_although_none_should_come(void **state)
{
    (void)state;
    static const char evil[] = "4.1.0\x1b[2J</script><script>alert(1)</script>\xff\"";
    const hop_release releases[] = {{.version = evil,
                                     .payload = evil,
                                     .url = "https://a.example/\"><script>alert(1)"},
                                    {.version = "4.1.1", .url = evil}};
    const hop_risk risk = {
        .name = evil, .url = evil, .message = evil, .rules_json = "[]"};
    const hop_risk *const risks[] = {&risk};
    const hop_plan_edge hop = {.from = evil,
                               .to = "4.1.1",
                               .channel = evil,
                               .is_conditional = true,
                               .risks = risks,
                               .risk_count = 1};
    const char *const texts[] = {evil};
    const hop_texts list = {texts, 1};
    hop_plan plan = {
        .status = HOP_PLAN_NEEDS_RISKS,
        .arch = evil,
        .from = evil,
        .to = "4.1.1",
        .channels = list,
        .best = {releases, 2, &hop, 1, 1, 1},
        .path_count = "1",
        .needed_risks = list,
        .explanation = {.summary = evil, .near_from = list, .next_with_way = evil}};
    hop_plan *plans[] = {&plan};
    char *needed[] = {hop_strdup(evil)};
    const hop_plan_set set = {.plans = plans,
                              .plan_count = 1,
                              .status = HOP_PLAN_NEEDS_RISKS,
                              .needed_risks = {needed, 1, 1}};
    const hop_drawn_node nodes[] = {
        {.release = &releases[0], .channels = list, .x = 50, .y = 20, .width = 40},
        {.release = &releases[1], .x = 50, .y = 80, .width = 40}};
    const hop_drawn_edge edge = {.from = 0,
                                 .to = 1,
                                 .role = HOP_DRAWN_PATH,
                                 .is_conditional = true,
                                 .risks = risks,
                                 .risk_count = 1,
                                 .channels = list};
    const hop_drawn_band band = {evil, 0, 100};
    const hop_drawing d = {100, 100, nodes, 2, &edge, 1, &band, 1, 0, 0, NULL};
    for (size_t i = 0; i < HOP_COUNT_OF(renderers); i++) {
        HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(HOP_BUF_TEXT);
        renderers[i](&set, &d, &b);
        assert_plain(hop_buf_get(&b));
        if (renderers[i] != hop_plan_report_dot)
            assert_harmless_markup(hop_buf_get(&b));
        else
            assert_says(hop_buf_get(&b), "\"4.1.0\\\\x1b[2J</script><script>alert(1)"
                                         "</script>\\\\xff\\\"\" -> \"4.1.1\"");
    }
    free(needed[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pictures_show_the_path_and_its_kinds),
        cmocka_unit_test(answers_without_a_path_are_pages_too),
        cmocka_unit_test(several_starts_have_a_path_each),
        cmocka_unit_test(paused_pools_have_their_column),
        cmocka_unit_test(many_other_paths_are_folded_away),
        cmocka_unit_test(the_same_plan_gives_the_same_bytes),
        cmocka_unit_test(hostile_graphs_become_harmless_pictures),
        cmocka_unit_test(hostile_versions_are_escaped_although_none_should_come),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
