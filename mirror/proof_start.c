/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "proof_walk.h"

#include "release.h"

#include <string.h>

/* ---- which release may be there without its components ---- */

static bool updates_to(const hop_release_info *from, const hop_release_info *to)
{
    return hop_release_info_lists(to, "previous", from->version) ||
           hop_release_info_lists(from, "next", to->version);
}

/* Another release of its architecture that updates to it, or that it updates to. */
static const hop_proof_release *neighbor(const hop_walk *w, size_t index, bool is_before)
{
    const hop_proof_release *r = &w->out->releases[index];
    for (size_t i = 0; i < w->out->release_count; i++) {
        const hop_proof_release *other = &w->out->releases[i];
        if (i == index || !other->has_info || strcmp(other->arch, r->arch) != 0)
            continue;
        if (is_before ? updates_to(&other->info, &r->info)
                      : updates_to(&r->info, &other->info))
            return other;
    }
    return NULL;
}

bool hop_walk_is_payload_only(hop_walk *w, size_t index)
{
    const hop_proof_subject *subject = &w->opts->releases[index];
    hop_proof_release *r = &w->out->releases[index];
    if (subject->components != HOP_COMPONENTS_SKIP)
        return false;
    r->is_payload_only = true;
    if (subject->extent != HOP_PROOF_START_ONLY)
        return true;
    const hop_proof_release *before = neighbor(w, index, true);
    if (!before && neighbor(w, index, false))
        return true;
    r->is_payload_only = false;
    r->is_good = false;
    HOP_AUTO_STR user = hop_walk_user(subject, "payload");
    HOP_AUTO_STR updates = before ? hop_sprintf("%s updates to it", before->version)
                                  : hop_strdup("it updates to no release here");
    hop_proof_finding *f = hop_proof_add(
        w->out, HOP_PROOF_ERROR, "components", subject->digest.text,
        "none of its components is there, which only the start of a path can do without: "
        "%s. If it is one all the same, --plan or --from and --to say so",
        updates);
    hop_strings_add(&f->hops, user);
    return false;
}
