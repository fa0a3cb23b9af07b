/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "layout.h"

#include <stdlib.h>

#define BEND_WIDTH 7.0 /* a line passing between two boxes */
#define BOX_GAP 12.0   /* beside each box, both sides together */
#define SWEEPS 48
#define PULL_TO_MIDDLE \
    0.08 /* keeps what hangs on nothing near; edges pull with 1 or more */

/* One layer after the other, each from left to right. */
typedef struct layout {
    const layout_job *job;
    hop_layering l;
    uint32_t *order; /* items */
    size_t *first;   /* where each layer begins in `order`; layer_count + 1 */
    size_t layer_count;
    double *x;   /* of items */
    double *sum; /* what pulls an item, and how much */
    double *weight;
} layout;

static void layout_clear(layout *p)
{
    hop_layering_clear(&p->l);
    free(p->order);
    free(p->first);
    free(p->x);
    free(p->sum);
    free(p->weight);
}

static double item_width(const layout *p, uint32_t item)
{
    return item < p->job->node_count ? p->job->widths[item] + BOX_GAP : BEND_WIDTH;
}

static int compare_items(const void *a, const void *b, void *user)
{
    const hop_layering *l = user;
    uint32_t i = *(const uint32_t *)a, j = *(const uint32_t *)b;
    if (l->layers[i] != l->layers[j])
        return l->layers[i] < l->layers[j] ? -1 : 1;
    if (l->x[i] < l->x[j] || l->x[j] < l->x[i])
        return l->x[i] < l->x[j] ? -1 : 1;
    return (i > j) - (i < j);
}

static void sort_into_layers(layout *p)
{
    size_t n = p->l.item_count;
    p->order = hop_alloc(n + 1, sizeof(*p->order));
    for (size_t i = 0; i < n; i++) {
        p->order[i] = (uint32_t)i;
        if (p->l.layers[i] >= p->layer_count)
            p->layer_count = p->l.layers[i] + 1;
    }
    qsort_r(p->order, n, sizeof(*p->order), compare_items, &p->l);
    p->first = hop_alloc(p->layer_count + 1, sizeof(*p->first));
    for (size_t i = 0; i < n; i++)
        p->first[p->l.layers[i] + 1]++;
    for (size_t i = 0; i < p->layer_count; i++)
        p->first[i + 1] += p->first[i];
}

/* Side by side, each layer around 0. */
static void place_side_by_side(layout *p)
{
    for (size_t layer = 0; layer < p->layer_count; layer++) {
        double width = 0;
        for (size_t i = p->first[layer]; i < p->first[layer + 1]; i++)
            width += item_width(p, p->order[i]);
        double at = -width / 2;
        for (size_t i = p->first[layer]; i < p->first[layer + 1]; i++) {
            double w = item_width(p, p->order[i]);
            p->x[p->order[i]] = at + w / 2;
            at += w;
        }
    }
}

/* ---- one layer, the others being where they are ---- */

/* Items that touch and therefore move together. `at` is where its first item wants to be,
 * on the mean. */
typedef struct cluster {
    double at, weight;
    size_t count;
} cluster;

/* Least sum of weighted squared distances from `wanted`, order and room being kept: pool
 * adjacent violators. `wanted` and `weight` are of items. */
static void place_layer(layout *p, size_t layer, const double *wanted,
                        const double *weight, cluster *clusters)
{
    size_t begin = p->first[layer], end = p->first[layer + 1], count = 0;
    double offset = 0;
    for (size_t i = begin; i < end; i++) {
        uint32_t item = p->order[i];
        double half = item_width(p, item) / 2;
        offset += i > begin ? half : 0;
        clusters[count++] = (cluster){wanted[item] - offset, weight[item], 1};
        offset += half;
        while (count > 1 && clusters[count - 2].at > clusters[count - 1].at) {
            cluster *a = &clusters[count - 2], *b = &clusters[count - 1];
            a->at = (a->at * a->weight + b->at * b->weight) / (a->weight + b->weight);
            a->weight += b->weight;
            a->count += b->count;
            count--;
        }
    }
    offset = 0;
    size_t i = begin;
    for (size_t c = 0; c < count; c++)
        for (size_t k = 0; k < clusters[c].count; k++, i++) {
            double half = item_width(p, p->order[i]) / 2;
            offset += i > begin ? half : 0;
            p->x[p->order[i]] = clusters[c].at + offset;
            offset += half;
        }
}

static void pull(layout *p)
{
    for (size_t i = 0; i < p->l.item_count; i++) {
        p->sum[i] = 0;
        p->weight[i] = PULL_TO_MIDDLE;
    }
    for (size_t i = 0; i < p->l.link_count; i++) {
        const hop_layer_link *link = &p->l.links[i];
        double w = (double)p->job->edges[link->edge].weight;
        p->sum[link->from] += w * p->x[link->to];
        p->weight[link->from] += w;
        p->sum[link->to] += w * p->x[link->from];
        p->weight[link->to] += w;
    }
    for (size_t i = 0; i < p->l.item_count; i++)
        p->sum[i] /= p->weight[i];
}

/* Down and up in turns: a layer looks at both neighbours. */
static void settle(layout *p)
{
    cluster *clusters = hop_alloc(p->l.item_count + 1, sizeof(*clusters));
    for (size_t sweep = 0; sweep < SWEEPS; sweep++)
        for (size_t i = 0; i < p->layer_count; i++) {
            pull(p);
            place_layer(p, sweep % 2 ? p->layer_count - 1 - i : i, p->sum, p->weight,
                        clusters);
        }
    free(clusters);
}

/* ---- the result ---- */

static void move_to_origin(layout *p, double *width)
{
    double left = 0, right = 0;
    for (size_t i = 0; i < p->l.item_count; i++) {
        double half = (item_width(p, (uint32_t)i) - BOX_GAP) / 2;
        if (i == 0 || p->x[i] - half < left)
            left = p->x[i] - half;
        if (i == 0 || p->x[i] + half > right)
            right = p->x[i] + half;
    }
    for (size_t i = 0; i < p->l.item_count; i++)
        p->x[i] -= left;
    *width = right - left;
}

static void give_lines(const layout *p, hop_arena *arena, layout_line *lines)
{
    hop_point *points = hop_arena_alloc(arena, p->l.link_count + 1, sizeof(*points));
    size_t used = 0;
    for (size_t i = 0; i < p->l.link_count; i++) {
        const hop_layer_link *link = &p->l.links[i];
        if (link->to < p->job->node_count)
            continue;
        layout_line *line = &lines[link->edge];
        if (line->bend_count == 0)
            line->bends = &points[used];
        points[used++] = (hop_point){p->x[link->to], p->job->rows[p->l.layers[link->to]]};
        line->bend_count++;
    }
}

hop_status hop_layout(const layout_job *job, hop_arena *arena, double *x,
                      layout_line *lines, double *width, hop_error **err)
{
    __attribute__((cleanup(layout_clear))) layout p = {.job = job};
    hop_status s = hop_igraph_layer(job->node_count, job->layers, job->edges,
                                    job->edge_count, &p.l, err);
    if (s != HOP_OK)
        return s;
    p.x = hop_alloc(p.l.item_count + 1, sizeof(*p.x));
    p.sum = hop_alloc(p.l.item_count + 1, sizeof(*p.sum));
    p.weight = hop_alloc(p.l.item_count + 1, sizeof(*p.weight));
    sort_into_layers(&p);
    place_side_by_side(&p);
    settle(&p);
    move_to_origin(&p, width);
    for (size_t i = 0; i < job->node_count; i++)
        x[i] = p.x[i];
    for (size_t i = 0; i < job->edge_count; i++)
        lines[i] = (layout_line){0};
    give_lines(&p, arena, lines);
    return HOP_OK;
}
