/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "load_order.h"

#include "planning.h"

#include <stdlib.h>
#include <string.h>

static hop_status add_release(const hop_media_release *r, hop_order *order,
                              hop_error **err)
{
    HOP_AUTO_VALUE(hop_ref) ref = {0};
    hop_status s = hop_ref_parse(r->source, &ref, err);
    if (s == HOP_OK && !hop_digest_is_equal(&ref.digest, &r->digest))
        s = hop_error_set(err, HOP_E_PARSE, "release %s: its source is %s, its digest %s",
                          r->version, r->source, r->digest.text);
    if (s != HOP_OK)
        return hop_error_wrap(err, "read " HOP_MEDIA_DOCUMENT);
    order->releases = hop_grow(order->releases, order->release_count, &order->release_cap,
                               sizeof(*order->releases));
    hop_order_release *to = &order->releases[order->release_count++];
    *to = (hop_order_release){.version = hop_strdup(r->version),
                              .arch = hop_arch_parse(r->arch),
                              .payload = hop_strdup(r->source),
                              .url = hop_strdup(r->url),
                              .components = r->has_components ? HOP_COMPONENTS_COPY
                                                              : HOP_COMPONENTS_SKIP};
    for (size_t i = 0; i < r->channels.len; i++)
        hop_strings_add(&to->channels, r->channels.items[i]);
    return HOP_OK;
}

static bool has_digest(const char *text, const hop_digest *digest)
{
    HOP_AUTO_VALUE(hop_ref) ref = {0};
    HOP_AUTO(hop_error) ignored = NULL;
    return text && hop_ref_parse(text, &ref, &ignored) == HOP_OK &&
           hop_digest_is_equal(&ref.digest, digest);
}

static const hop_release *find_planned(const hop_board *board, const hop_digest *digest)
{
    for (size_t i = 0; i < board->plan_count; i++) {
        const hop_route *best = &board->plans[i]->best;
        for (size_t k = 0; k < best->release_count; k++)
            if (has_digest(best->releases[k].payload, digest))
                return &best->releases[k];
    }
    return NULL;
}

/* The layout of stock oc names neither the source of a release, nor its channels and
 * errata. A plan does, for what it goes through. */
static void describe(const hop_board *board, const hop_media *m, hop_order *order)
{
    for (size_t i = 0; i < order->release_count; i++) {
        const hop_release *from = find_planned(board, &m->releases[i].digest);
        hop_order_release *to = &order->releases[i];
        if (!from)
            continue;
        free(to->payload);
        to->payload = hop_strdup(from->payload);
        to->url = hop_strdup(from->url);
        for (size_t c = 0; c < from->channels.len; c++)
            hop_strings_add(&to->channels, from->channels.items[c]);
    }
}

/* Only plans that a cluster can follow have hops for a runbook. */
static void take_plans(hop_board *board, hop_order *order)
{
    order->sets = hop_steal(&board->sets);
    order->set_count = board->set_count;
    board->set_count = 0;
    order->plans = hop_alloc(board->plan_count, sizeof(const hop_plan *));
    for (size_t i = 0; i < board->plan_count; i++)
        if (hop_planning_is_usable(board->plans[i]))
            order->plans[order->plan_count++] = board->plans[i];
    board->plan_count = 0;
}

hop_status hop_load_order(const hop_media_disk *disk, hop_board *board, hop_order *order,
                          hop_trust *trust, hop_error **err)
{
    const hop_media *m = hop_media_disk_get_media(disk);
    hop_status s = HOP_OK;
    for (size_t i = 0; s == HOP_OK && i < m->release_count; i++)
        s = add_release(&m->releases[i], order, err);
    if (s != HOP_OK)
        return s;
    if (hop_media_disk_get_format(disk) == HOP_MEDIA_FORMAT_STOCK)
        describe(board, m, order);
    take_plans(board, order);
    if (trust->is_skipped)
        return HOP_OK;
    trust->releases = hop_alloc(m->release_count, sizeof(*trust->releases));
    for (size_t i = 0; i < m->release_count; i++) {
        hop_trust_release *to = &trust->releases[trust->release_count++];
        to->payload = m->releases[i].digest;
        hop_media_disk_get_signatures(disk, &to->payload, &to->signatures);
    }
    return HOP_OK;
}

/* ---- where releases come from ---- */

/* The repository that good signatures name: `wanted` when one of them does, else that of
 * the first that names any. NULL when none does. */
static const char *find_signed(const hop_signatures *found, const char *wanted)
{
    const char *first = NULL;
    for (size_t i = 0; i < found->len; i++) {
        const hop_signature_found *f = &found->items[i];
        if (!f->is_good || !f->verdict.repository[0])
            continue;
        if (strcmp(f->verdict.repository, wanted) == 0)
            return f->verdict.repository;
        first = first ? first : f->verdict.repository;
    }
    return first;
}

/* False when nobody vouches for the source. */
static bool check_source(hop_order_release *r, const hop_trust_release *trust,
                         hop_proof *out)
{
    HOP_AUTO_VALUE(hop_ref) ref = {0};
    HOP_AUTO(hop_error) ignored = NULL;
    if (hop_ref_parse(r->payload, &ref, &ignored) != HOP_OK)
        return false;
    HOP_AUTO_STR said = hop_sprintf("%s/%s", ref.host, ref.repository);
    const char *name = find_signed(&trust->signatures, said);
    if (!name || strcmp(name, said) == 0)
        return name != NULL;
    hop_proof_add(out, HOP_PROOF_WARNING, "source", NULL,
                  "release %s (%s): the media says that it comes from %s, its signature "
                  "that it is %s: the cluster resources of `load` take that",
                  r->version, r->arch, said, name);
    free(r->payload);
    r->payload = hop_sprintf("%s@%s", name, ref.digest.text);
    return true;
}

size_t hop_load_check_sources(hop_order *order, hop_trust *trust, const hop_proof *proof,
                              hop_media_vouched vouched, hop_proof *out)
{
    size_t count = 0;
    if (vouched == HOP_MEDIA_VOUCHED)
        return 0;
    for (size_t i = 0; i < order->release_count; i++) {
        HOP_AUTO(hop_error) ignored = NULL; /* the proof has told it */
        bool is_good =
            i < trust->release_count && proof->releases[i].has_info &&
            hop_trust_check(trust, i, &proof->releases[i].info, &ignored) == HOP_OK;
        if (!is_good || !check_source(&order->releases[i], &trust->releases[i], out))
            count++;
    }
    return count;
}
