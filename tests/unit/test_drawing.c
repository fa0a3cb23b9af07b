/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph_support.h"

#include "hop_drawing.h"

/* From o->from, and from another start unless it is NULL. */
static hop_plan_set *plan_set_of(const hop_graph *g, const hop_plan_opts *o,
                                 const char *other)
{
    hop_error *err = NULL;
    hop_plan_set *set = NULL;
    HOP_AUTO_VALUE(hop_strings) starts = strings_of(o->from, other);
    assert_ok(hop_plan_set_make(g, o, &starts, &set, &err), &err);
    return set;
}

static hop_drawing *drawing_of(const hop_graph *g, const hop_plan_opts *o,
                               hop_drawing_extent extent)
{
    hop_error *err = NULL;
    HOP_AUTO(hop_plan_set) set = plan_set_of(g, o, NULL);
    hop_drawing *d = NULL;
    hop_drawing_opts how = {.plan = o, .extent = extent};
    assert_ok(hop_graph_draw(g, set, &how, &d, &err), &err);
    return d;
}

static const hop_drawn_node *node_of(const hop_drawing *d, const char *version)
{
    for (size_t i = 0; i < d->node_count; i++)
        if (strcmp(d->nodes[i].release->version, version) == 0)
            return &d->nodes[i];
    return NULL;
}

static const hop_drawn_edge *edge_of(const hop_drawing *d, const char *from,
                                     const char *to)
{
    for (size_t i = 0; i < d->edge_count; i++)
        if (strcmp(d->nodes[d->edges[i].from].release->version, from) == 0 &&
            strcmp(d->nodes[d->edges[i].to].release->version, to) == 0)
            return &d->edges[i];
    return NULL;
}

/* All in numbers, so that two drawings can be held against each other. */
static char *text_of(const hop_drawing *d)
{
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(HOP_BUF_TEXT);
    hop_buf_addf(&b, "%.17g %.17g\n", d->width, d->height);
    for (size_t i = 0; i < d->node_count; i++)
        hop_buf_addf(&b, "%s %.17g %.17g %d\n", d->nodes[i].release->version,
                     d->nodes[i].x, d->nodes[i].y, (int)d->nodes[i].role);
    for (size_t i = 0; i < d->edge_count; i++) {
        const hop_drawn_edge *e = &d->edges[i];
        hop_buf_addf(&b, "%zu %zu %d %d", e->from, e->to, (int)e->role,
                     e->is_conditional);
        for (size_t k = 0; k < e->bend_count; k++)
            hop_buf_addf(&b, " %.17g,%.17g", e->bends[k].x, e->bends[k].y);
        hop_buf_addc(&b, '\n');
    }
    return hop_buf_take(&b);
}

/* ---- what is drawn ---- */

static void the_path_and_what_lies_between_is_drawn(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph)
    g = graph_of("4.1.0 > 4.1.1; 4.1.1 > 4.1.2; 4.1.0 > 4.1.2; 4.1.1 ? 4.2.0 R; 4.1.2 > "
                 "4.2.0; 4.2.0 > 4.2.1; 4.1.0 > 4.1.9; 4.1.7 > 4.2.0; 4.2.1 > 4.2.2");
    hop_plan_opts o = {.from = "4.1.0", .to = "4.2.1", .paths = 2};
    HOP_AUTO(hop_drawing) d = drawing_of(g, &o, HOP_DRAW_TELLING_EDGES);
    /* 4.1.9 leads nowhere, 4.1.7 is not reached, 4.2.2 is beyond. */
    assert_int_equal(d->node_count, 5);
    assert_null(node_of(d, "4.1.9"));
    assert_true(node_of(d, "4.1.0")->is_start);
    assert_true(node_of(d, "4.2.1")->is_target);
    assert_int_equal(node_of(d, "4.1.2")->role, HOP_DRAWN_PATH);
    assert_int_equal(node_of(d, "4.1.1")->role, HOP_DRAWN_ALTERNATIVE);
    assert_int_equal(edge_of(d, "4.1.0", "4.1.2")->role, HOP_DRAWN_PATH);
    assert_int_equal(edge_of(d, "4.1.1", "4.1.2")->role, HOP_DRAWN_ALTERNATIVE);
    const hop_drawn_edge *risky = edge_of(d, "4.1.1", "4.2.0");
    assert_true(risky->is_conditional);
    assert_int_equal(risky->role, HOP_DRAWN_AT_PATH);
    assert_string_equal(risky->risks[0]->name, "R");
    assert_string_equal(risky->channels.items[0], "stable-4.1");
    assert_int_equal(d->edges_left_out, 0);
}

static void bands_are_minors_from_top_to_bottom(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph) g = graph_of("4.9.1 > 4.10.0; 4.10.0 > 4.11.0; 4.11.0 > 5.0.0");
    hop_plan_opts o = {.from = "4.9.1", .to = "4.11.0"};
    HOP_AUTO(hop_drawing) d = drawing_of(g, &o, HOP_DRAW_TELLING_EDGES);
    assert_int_equal(d->band_count, 3);
    assert_string_equal(d->bands[0].label, "4.9");
    assert_string_equal(d->bands[1].label, "4.10");
    assert_string_equal(d->bands[2].label, "4.11");
    for (size_t i = 0; i < d->node_count; i++) {
        const hop_drawn_node *n = &d->nodes[i];
        assert_true(n->y > d->bands[n->band].top && n->y < d->bands[n->band].bottom);
    }
    assert_true(d->bands[1].top >= d->bands[0].bottom);
}

static void several_starts_share_a_picture(void **state)
{
    (void)state;
    hop_error *err = NULL;
    HOP_AUTO(hop_graph)
    g = graph_of("4.1.0 > 4.1.5; 4.1.1 > 4.1.5; 4.1.5 > 4.2.0; 4.1.0 > 4.1.4; 4.1.4 > "
                 "4.2.0; 4.1.3 > 4.2.0; 4.2.9 > 4.2.10");
    hop_plan_opts o = {.from = "4.1.0", .to = "4.2.0"};
    hop_drawing_opts how = {.plan = &o};
    HOP_AUTO(hop_plan_set) set = plan_set_of(g, &o, "4.1.1");
    HOP_AUTO(hop_drawing) d = NULL;
    assert_ok(hop_graph_draw(g, set, &how, &d, &err), &err);
    assert_int_equal(d->node_count, 5); /* 4.1.3 is on no way from either */
    assert_true(node_of(d, "4.1.0")->is_start && node_of(d, "4.1.1")->is_start);
    assert_true(node_of(d, "4.2.0")->is_target);
    assert_int_equal(edge_of(d, "4.1.0", "4.1.5")->role, HOP_DRAWN_PATH);
    assert_int_equal(edge_of(d, "4.1.1", "4.1.5")->role, HOP_DRAWN_PATH);
    assert_int_equal(node_of(d, "4.1.4")->role, HOP_DRAWN_CONTEXT);
}

static void an_avoided_release_is_not_drawn(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph)
    g = graph_of("4.1.0 > 4.1.1; 4.1.0 > 4.1.2; 4.1.1 > 4.1.3; 4.1.2 > 4.1.3");
    HOP_AUTO_VALUE(hop_strings) avoid = strings_of("4.1.2", NULL);
    hop_plan_opts o = {.from = "4.1.0", .to = "4.1.3", .avoid = &avoid};
    HOP_AUTO(hop_drawing) d = drawing_of(g, &o, HOP_DRAW_TELLING_EDGES);
    assert_null(node_of(d, "4.1.2"));
    assert_non_null(edge_of(d, "4.1.1", "4.1.3"));
}

static void without_a_path_both_frontiers_are_drawn(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph)
    g = graph_of("4.1.0 > 4.1.1; 4.2.0 ? 4.2.1 R; 4.1.5; 4.1.0 > 4.2.9; 4.2.1 > 4.2.8");
    hop_plan_opts o = {.from = "4.1.0", .to = "4.2.1"};
    HOP_AUTO(hop_drawing) d = drawing_of(g, &o, HOP_DRAW_TELLING_EDGES);
    assert_int_equal(d->node_count, 4); /* not 4.1.5, and nothing beyond the target */
    assert_true(node_of(d, "4.1.1")->is_from_start);
    assert_false(node_of(d, "4.1.1")->is_to_target);
    assert_true(node_of(d, "4.2.0")->is_to_target);
    assert_false(node_of(d, "4.2.0")->is_from_start);
    assert_int_equal(d->edge_count, 2);
}

static void unknown_ends_leave_what_is_known(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph) g = graph_of("4.1.0 > 4.1.1; 4.1.1 > 4.1.2; 4.1.2 > 4.1.3");
    hop_plan_opts no_start = {.from = "4.1.1-rc.1", .to = "4.1.2"};
    HOP_AUTO(hop_drawing) a = drawing_of(g, &no_start, HOP_DRAW_TELLING_EDGES);
    assert_int_equal(a->node_count, 2); /* 4.1.0 is older than the start */
    assert_non_null(node_of(a, "4.1.1"));
    hop_plan_opts no_target = {.from = "4.1.1", .to = "4.1.9"};
    HOP_AUTO(hop_drawing) b = drawing_of(g, &no_target, HOP_DRAW_TELLING_EDGES);
    assert_int_equal(b->node_count, 3);
    hop_plan_opts neither = {.from = "4.7.1", .to = "4.7.9"};
    HOP_AUTO(hop_drawing) c = drawing_of(g, &neither, HOP_DRAW_TELLING_EDGES);
    assert_int_equal(c->node_count, 0);
    assert_int_equal(c->edge_count, 0);
}

static void a_start_that_is_the_target_is_one_box(void **state)
{
    (void)state;
    HOP_AUTO(hop_graph) g = graph_of("4.1.0 > 4.1.1");
    hop_plan_opts o = {.from = "4.1.0", .to = "4.1.0"};
    HOP_AUTO(hop_drawing) d = drawing_of(g, &o, HOP_DRAW_TELLING_EDGES);
    assert_int_equal(d->node_count, 1);
    assert_true(d->nodes[0].is_start && d->nodes[0].is_target);
}

static void answers_decide_what_is_conditional(void **state)
{
    (void)state;
    hop_error *err = NULL;
    HOP_AUTO(hop_graph) g = hop_graph_new();
    static const char doc[] =
        "{\"nodes\":[{\"version\":\"4.1.0\"},{\"version\":\"4.1.1\"}],\"edges\":[],"
        "\"conditionalEdges\":[{\"edges\":[{\"from\":\"4.1.0\",\"to\":\"4.1.1\"}],"
        "\"risks\":[{\"name\":\"R\",\"url\":\"\",\"message\":\"\",\"matchingRules\":"
        "[{\"type\":\"PromQL\",\"promql\":{\"promql\":\"up\"}}]}]}]}";
    hop_graph_source source = {.name = "a.json", .channel = "stable-4.1"};
    assert_ok(hop_graph_add(g, doc, strlen(doc), &source, &err), &err);
    HOP_AUTO(hop_answers) answers = NULL;
    static const char yaml[] = "R: does-not-apply\n";
    assert_ok(hop_answers_parse(yaml, strlen(yaml), "a.yaml", &answers, &err), &err);
    hop_plan_opts o = {.from = "4.1.0", .to = "4.1.1", .answers = answers};
    HOP_AUTO(hop_drawing) d = drawing_of(g, &o, HOP_DRAW_TELLING_EDGES);
    assert_false(d->edges[0].is_conditional);
    o.answers = NULL;
    HOP_AUTO(hop_drawing) e = drawing_of(g, &o, HOP_DRAW_TELLING_EDGES);
    assert_true(e->edges[0].is_conditional);
}

/* ---- large ones ---- */

/* `minors` minors of `patches` releases; everything updates to everything newer in its
 * minor and to most of the next one. */
static char *large_lines(size_t minors, size_t patches, bool backwards)
{
    HOP_AUTO_VALUE(hop_buf) b = hop_buf_init(HOP_BUF_TEXT);
    size_t total = minors * patches;
    for (size_t k = 0; k < total; k++) {
        size_t i = backwards ? total - 1 - k : k, m = i / patches, p = i % patches;
        hop_buf_addf(&b, "4.%zu.%zu;", m, p);
        for (size_t q = p + 1; q < patches; q++)
            hop_buf_addf(&b, "4.%zu.%zu > 4.%zu.%zu;", m, p, m, q);
        for (size_t q = p / 2; m + 1 < minors && q < patches; q++)
            if ((p + q) % 5 == 0)
                hop_buf_addf(&b, "4.%zu.%zu ? 4.%zu.%zu R%zu;", m, p, m + 1, q, q % 3);
            else
                hop_buf_addf(&b, "4.%zu.%zu > 4.%zu.%zu;", m, p, m + 1, q);
    }
    return hop_buf_take(&b);
}

static void assert_boxes_stand_apart(const hop_drawing *d)
{
    for (size_t i = 0; i < d->node_count; i++) {
        const hop_drawn_node *a = &d->nodes[i];
        assert_true(a->x - a->width / 2 >= HOP_DRAWING_BAND_LABEL);
        assert_true(a->x + a->width / 2 <= d->width && a->y <= d->height);
        for (size_t j = i + 1; j < d->node_count; j++) {
            const hop_drawn_node *b = &d->nodes[j];
            double gap = a->x < b->x ? b->x - a->x : a->x - b->x;
            bool same_row = a->y >= b->y && a->y <= b->y;
            assert_false(same_row && gap < (a->width + b->width) / 2);
        }
    }
}

/* Updates lead down, through bends on the rows between, or stay in a row. */
static void assert_lines_lead_down(const hop_drawing *d)
{
    for (size_t i = 0; i < d->edge_count; i++) {
        const hop_drawn_edge *e = &d->edges[i];
        double y = d->nodes[e->from].y;
        for (size_t k = 0; k < e->bend_count; k++) {
            assert_true(e->bends[k].y > y);
            y = e->bends[k].y;
        }
        assert_true(d->nodes[e->to].y >= y);
    }
}

static void two_hundred_releases_have_six_hundred_lines_at_most(void **state)
{
    (void)state;
    HOP_AUTO_STR lines = large_lines(5, 40, false);
    HOP_AUTO(hop_graph) g = graph_of(lines);
    hop_plan_opts o = {.from = "4.0.0", .to = "4.4.39", .paths = 3};
    HOP_AUTO(hop_drawing) d = drawing_of(g, &o, HOP_DRAW_TELLING_EDGES);
    assert_int_equal(d->node_count, 200);
    assert_int_equal(d->nodes_left_out, 0);
    assert_true(d->edge_count <= HOP_DRAWING_MAX_EDGES);
    assert_true(d->edges_left_out > 1000);
    assert_boxes_stand_apart(d);
    assert_lines_lead_down(d);
    HOP_AUTO(hop_plan) plan = plan_of(g, &o);
    for (size_t i = 0; i < plan->best.hops; i++)
        assert_int_equal(
            edge_of(d, plan->best.edges[i].from, plan->best.edges[i].to)->role,
            HOP_DRAWN_PATH);
    for (size_t a = 0; a < plan->alternative_count; a++)
        for (size_t i = 0; i < plan->alternatives[a].hops; i++)
            assert_non_null(edge_of(d, plan->alternatives[a].edges[i].from,
                                    plan->alternatives[a].edges[i].to));
    HOP_AUTO(hop_drawing) all = drawing_of(g, &o, HOP_DRAW_ALL_EDGES);
    assert_int_equal(all->edge_count, d->edge_count + d->edges_left_out);
    assert_int_equal(all->edges_left_out, 0);
}

static void a_thousand_releases_are_thinned_but_never_the_path(void **state)
{
    (void)state;
    HOP_AUTO_STR lines = large_lines(20, 30, false);
    HOP_AUTO(hop_graph) g = graph_of(lines);
    hop_plan_opts o = {.from = "4.0.0", .to = "4.19.12"};
    HOP_AUTO(hop_drawing) d = drawing_of(g, &o, HOP_DRAW_TELLING_EDGES);
    assert_true(d->node_count <= HOP_DRAWING_MAX_NODES);
    assert_true(d->node_count + 20 > HOP_DRAWING_MAX_NODES);
    assert_true(d->nodes_left_out > 0);
    assert_int_equal(d->band_count, 20);
    HOP_AUTO(hop_plan) plan = plan_of(g, &o);
    for (size_t i = 0; i < plan->best.release_count; i++)
        assert_int_equal(node_of(d, plan->best.releases[i].version)->role,
                         HOP_DRAWN_PATH);
    assert_boxes_stand_apart(d);
}

static void the_order_of_nodes_in_a_document_does_not_matter(void **state)
{
    (void)state;
    HOP_AUTO_STR forwards = large_lines(3, 20, false);
    HOP_AUTO_STR backwards = large_lines(3, 20, true);
    HOP_AUTO(hop_graph) g = graph_of(forwards);
    HOP_AUTO(hop_graph) h = graph_of(backwards);
    hop_plan_opts o = {.from = "4.0.0", .to = "4.2.19", .paths = 4};
    HOP_AUTO(hop_drawing) d = drawing_of(g, &o, HOP_DRAW_TELLING_EDGES);
    HOP_AUTO(hop_drawing) e = drawing_of(h, &o, HOP_DRAW_TELLING_EDGES);
    HOP_AUTO_STR a = text_of(d);
    HOP_AUTO_STR b = text_of(e);
    assert_string_equal(a, b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_path_and_what_lies_between_is_drawn),
        cmocka_unit_test(bands_are_minors_from_top_to_bottom),
        cmocka_unit_test(several_starts_share_a_picture),
        cmocka_unit_test(an_avoided_release_is_not_drawn),
        cmocka_unit_test(without_a_path_both_frontiers_are_drawn),
        cmocka_unit_test(unknown_ends_leave_what_is_known),
        cmocka_unit_test(a_start_that_is_the_target_is_one_box),
        cmocka_unit_test(answers_decide_what_is_conditional),
        cmocka_unit_test(two_hundred_releases_have_six_hundred_lines_at_most),
        cmocka_unit_test(a_thousand_releases_are_thinned_but_never_the_path),
        cmocka_unit_test(the_order_of_nodes_in_a_document_does_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
