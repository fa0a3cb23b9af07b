# SPDX-License-Identifier: GPL-3.0-or-later
target_sources(hop_mirror PRIVATE
    archive.c
    release.c
    release_info.c
    manifests.c
    names.c
    mirror_set.c
    document.c
    resources.c
    resources_sets.c
    resources_objects.c
    resources_graph.c
    resources_write.c
    runbook.c
    runbook_hop.c
    signature.c
    signature_text.c
)
