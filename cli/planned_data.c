/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "planned_data.h"

#include <string.h>

void hop_planned_data_check(const hop_plan *const *plans, size_t count,
                            const hop_digest *tree, const char *name, hop_proof *proof)
{
    HOP_AUTO_VALUE(hop_strings) said = {0};
    for (size_t i = 0; i < count; i++) {
        const char *planned = plans[i]->graph_data;
        if (!planned || strcmp(planned, tree->text) == 0 ||
            hop_strings_has(&said, planned))
            continue;
        hop_strings_add(&said, planned);
        hop_proof_add(
            proof, HOP_PROOF_WARNING, "graph-data", name,
            "its data has the tree hash %s, and the plan from %s to %s (%s) was "
            "made with %s",
            tree->text, plans[i]->from, plans[i]->to, plans[i]->arch, planned);
    }
}

void hop_planned_data_compare(hop_proof_level level, const hop_tree *image,
                              const char *name, const hop_tree *given,
                              const char *given_name, hop_proof *proof)
{
    const char *path = hop_tree_find_difference(image, given);
    if (!path)
        return;
    const char *what = !hop_tree_find(given, path)   ? "is in the image only"
                       : !hop_tree_find(image, path) ? "is missing in the image"
                                                     : "has other bytes";
    hop_proof_add(proof, level, "graph-data", name,
                  "its data is not that of %s; the first file that differs: %s %s",
                  given_name, path, what);
}
