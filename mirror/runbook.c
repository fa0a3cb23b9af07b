/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runbook.h"

#include <string.h>

/* Paths of several clusters flow together here. */
static bool has_several_starts(const hop_resources_input *in)
{
    for (size_t i = 1; i < in->hop_count; i++)
        if (strcmp(in->hops[i - 1].arch, in->hops[i].arch) == 0 &&
            strcmp(in->hops[i - 1].to, in->hops[i].from) != 0)
            return true;
    return false;
}

static void add_summary(const hop_resources_input *in, hop_document *d)
{
    hop_document_paragraph(
        d,
        "Everything that the cluster needs is in this directory and in the mirror "
        "`%s`. Run the commands in order, in this directory, logged in as a cluster "
        "administrator. Each can be pasted as it stands.",
        in->host);
    for (size_t i = 0; i < in->hop_count; i++) {
        const hop_resources_hop *hop = &in->hops[i];
        hop_document_item(d, "hop %zu: `%s` to `%s` (%s), channel %s%s", i + 1, hop->from,
                          hop->to, hop->arch, hop->channel ? hop->channel : "none",
                          hop->risk_count ? ", conditional" : "");
    }
    if (has_several_starts(in))
        hop_document_paragraph(
            d, "These are the paths of several clusters. Each begins with the hop from "
               "the version that it runs, then takes the hop that begins where that one "
               "ended, and leaves the others out.");
    if (in->hop_count > 0)
        return;
    hop_document_paragraph(d,
                           "No update path was planned: these releases were mirrored.");
    for (size_t i = 0; i < in->release_count; i++)
        hop_document_item(d, "`%s` (%s), `%s`", in->releases[i].version,
                          in->releases[i].arch, in->releases[i].payload.text);
}

/* The far side may have no client, or one that is too old to set a channel. */
static void add_clients(const hop_resources_input *in, hop_document *d)
{
    if (!in->clients || in->clients->len == 0)
        return;
    HOP_AUTO_VALUE(hop_buf) commands = hop_buf_init(HOP_BUF_TEXT);
    hop_document_heading(d, 2, "The client");
    hop_document_paragraph(d, "The `oc` of the target version is beside this directory. "
                              "Install the one for your machine:");
    for (size_t i = 0; i < in->clients->len; i++) {
        hop_buf_adds(&commands, "sudo install -m 0755 ");
        hop_buf_add_shell(&commands, in->clients->items[i]);
        hop_buf_adds(&commands, " /usr/local/bin/oc\n");
    }
    hop_document_commands(d, hop_buf_get(&commands));
}

static void add_notes(const hop_resources_input *in, hop_document *d)
{
    hop_document_heading(d, 2, "Know before you begin");
    switch (in->signatures) {
    case HOP_SIGNATURES_NOT_CHECKED:
        hop_document_item(d, "WARNING: the OpenPGP signatures of these releases were not "
                             "checked, and no signature is in this directory. Without "
                             "one the cluster refuses the update.");
        break;
    case HOP_SIGNATURES_SKIPPED:
        hop_document_item(d, "WARNING: the check of the OpenPGP signatures was switched "
                             "off for this mirror. Nobody has vouched for what is in "
                             "it.");
        break;
    case HOP_SIGNATURES_VERIFIED:
        hop_document_item(d, "The OpenPGP signatures of all releases were verified; the "
                             "cluster will verify them again.");
        break;
    }
    hop_document_item(d, "Operators from catalogs are not mirrored here. Check that each "
                         "runs on the versions of this path before its hop.");
    hop_document_item(d, "The mirror must run as long as the cluster does: a node that "
                         "restarts pulls from it.");
    hop_document_item(d,
                      "Keep the mirror set that the cluster has now until the last hop "
                      "is done. The images of the running version are found through "
                      "it.");
    hop_document_item(d, "Give the cluster credentials that can only read the mirror, "
                         "never those that filled it.");
    if (hop_resources_choose_set(in).uses_icsp)
        hop_document_item(d, "With an ImageContentSourcePolicy the nodes use only the "
                             "global pull secret for the mirror.");
}

static void add_health(hop_document *d)
{
    hop_document_heading(d, 2, "Look at the cluster");
    hop_document_paragraph(d, "Nothing may be degraded, and no update may be under way:");
    hop_document_commands(d, "oc adm upgrade\n"
                             "oc get clusteroperators,machineconfigpools,nodes\n");
    hop_document_paragraph(d, "Back up etcd; this is the way back when an update fails "
                              "for good:");
    hop_document_commands(
        d, "oc debug --as-root node/\"$(oc get nodes -l node-role.kubernetes.io/master "
           "-o jsonpath='{.items[0].metadata.name}')\" -- chroot /host "
           "/usr/local/bin/cluster-backup.sh /home/core/assets/backup\n");
}

static void add_mirror_set(const hop_resources_input *in, hop_document *d)
{
    hop_set_choice choice = hop_resources_choose_set(in);
    hop_document_heading(d, 3, "Where images are found");
    if (!choice.uses_icsp)
        hop_document_paragraph(
            d, "If the cluster has an ImageContentSourcePolicy and runs a version below "
               "4.13.27, convert that first (`oc adm migrate icsp`): both kinds cannot "
               "stand beside each other there.");
    hop_document_commands(d, choice.uses_icsp ? "oc apply -f " HOP_FILE_ICSP "\n"
                                              : "oc apply -f " HOP_FILE_IDMS "\n");
    hop_document_paragraph(d, "The nodes take this over one after the other. Applying "
                              "the same file again changes nothing.");
    hop_runbook_add_wait_for_nodes(d);
}

static void add_ca(hop_document *d)
{
    hop_document_heading(d, 3, "The mirror's certificate authority");
    hop_document_paragraph(d,
                           "See whether the cluster has such a ConfigMap already. If "
                           "a name is printed, add the two keys of `%s` to that one "
                           "and leave the second command out.",
                           HOP_FILE_CA);
    hop_document_commands(d, "oc get image.config.openshift.io cluster "
                             "-o jsonpath='{.spec.additionalTrustedCA.name}{\"\\n\"}'\n");
    hop_document_commands(
        d, "oc apply -f " HOP_FILE_CA "\n"
           "oc patch image.config.openshift.io cluster --type=merge "
           "-p '{\"spec\":{\"additionalTrustedCA\":{\"name\":\"" HOP_NAME_CA "\"}}}'\n");
}

static void add_signatures(const hop_resources_input *in, hop_document *d)
{
    bool has_any = false;
    for (size_t i = 0; i < in->release_count; i++)
        has_any |= in->releases[i].signature_count > 0;
    if (!has_any)
        return;
    hop_document_heading(d, 3, "Signatures");
    hop_document_paragraph(d, "One file per release; `index.json` says which is which.");
    hop_document_commands(d, "oc apply -f signatures/\n");
}

static void add_update_service(const hop_resources_input *in, hop_document *d)
{
    if (!in->graph_data_repository)
        return;
    hop_document_heading(d, 3, "The update service");
    hop_document_paragraph(d,
                           "The OpenShift Update Service operator must be installed "
                           "in the namespace `%s`.",
                           HOP_NAMESPACE_UPDATE_SERVICE);
    hop_document_commands(
        d, "oc apply -f " HOP_FILE_UPDATE_SERVICE "\n"
           "until oc -n " HOP_NAMESPACE_UPDATE_SERVICE
           " get updateservice " HOP_NAME_UPDATE_SERVICE
           " -o jsonpath='{.status.policyEngineURI}' | grep -q .; do sleep 10; done\n"
           "oc -n " HOP_NAMESPACE_UPDATE_SERVICE " get pods\n");
    hop_document_paragraph(d, "The pods are ready after the first look at all releases, "
                              "a few minutes. Then point the cluster at the service:");
    hop_document_commands(d, "uri=$(oc -n " HOP_NAMESPACE_UPDATE_SERVICE
                             " get updateservice " HOP_NAME_UPDATE_SERVICE
                             " -o jsonpath='{.status.policyEngineURI}')\n"
                             "oc patch clusterversion version --type=merge "
                             "-p \"{\\\"spec\\\":{\\\"upstream\\\":"
                             "\\\"$uri/api/upgrades_info/v1/graph\\\"}}\"\n");
    hop_document_paragraph(d, "The cluster must trust the certificate of that address: "
                              "where the router's is private, put its authority into the "
                              "ConfigMap that `oc get proxy cluster` names under "
                              "`trustedCA`.");
    if (in->hop_count > 0)
        hop_document_paragraph(d, "Without an update service, any web server can serve "
                                  "the files in `graphs/` instead, one channel each; "
                                  "make its address the `upstream`.");
}

static void add_conversion(hop_document *d)
{
    hop_document_heading(d, 3, "From here on: an ImageDigestMirrorSet");
    hop_document_paragraph(d, "This version takes the newer kind. Both may stand beside "
                              "each other now; the old one goes when the new one is "
                              "everywhere.");
    hop_document_commands(d, "oc apply -f " HOP_FILE_IDMS "\n");
    hop_runbook_add_wait_for_nodes(d);
    hop_document_commands(d,
                          "oc delete imagecontentsourcepolicy " HOP_NAME_MIRROR_SET "\n");
    hop_runbook_add_wait_for_nodes(d);
}

static void add_end(hop_document *d)
{
    hop_document_heading(d, 2, "When the last hop is done");
    hop_document_commands(d, "oc get clusterversion,clusteroperators,"
                             "machineconfigpools,nodes\n");
    hop_document_paragraph(d, "Mirror sets of earlier mirrors that name the same sources "
                              "can go now; every such change reaches all nodes.");
    hop_document_heading(d, 2, "When something stops");
    hop_document_paragraph(d, "Why the cluster does not go on is said here:");
    hop_document_commands(
        d, "oc adm upgrade\n"
           "oc get clusterversion version "
           "-o jsonpath='{range .status.conditions[*]}{.type}={.status} {.reason}: "
           "{.message}{\"\\n\"}{end}'\n"
           "oc -n openshift-cluster-version logs deployment/cluster-version-operator "
           "--tail=100\n");
    hop_document_item(d, "An update that has not begun can be taken back: `oc adm "
                         "upgrade --clear`.");
    hop_document_item(d, "Going back is supported only to the version right before, and "
                         "only within one minor. Across a minor the etcd backup is the "
                         "way back.");
    hop_document_item(d, "\"The update cannot be verified\": the signature of that "
                         "release is not in the cluster; apply `signatures/`. Never use "
                         "`--force` for this.");
    hop_document_item(d, "\"VersionNotFound\": the update service does not know the "
                         "running version; its payload must be in the release "
                         "repository of the mirror.");
    hop_document_item(d, "Pods that cannot pull: look for the image at the mirror, and "
                         "at the mirror set on the node "
                         "(`/etc/containers/registries.conf`).");
}

static void write_runbook(const hop_resources_input *in, hop_document *d)
{
    hop_set_choice choice = hop_resources_choose_set(in);
    add_summary(in, d);
    add_clients(in, d);
    add_notes(in, d);
    if (in->hop_count > 0)
        add_health(d);
    hop_document_heading(d, 2, "Apply once");
    add_mirror_set(in, d);
    if (in->ca_pem)
        add_ca(d);
    add_signatures(in, d);
    add_update_service(in, d);
    for (size_t i = 0; i < in->hop_count; i++) {
        hop_runbook_add_hop(in, i, d);
        if (choice.converts && choice.converts_after == i)
            add_conversion(d);
    }
    if (in->hop_count > 0)
        add_end(d);
    hop_document_finish(d);
}

hop_status hop_resources_add_runbook(const hop_resources_input *in, hop_tree *out,
                                     hop_error **err)
{
    HOP_AUTO_STR title =
        in->hop_count ? hop_sprintf("From %s to %s with the mirror %s", in->hops[0].from,
                                    in->hops[in->hop_count - 1].to, in->host)
                      : hop_sprintf("Releases in the mirror %s", in->host);
    HOP_AUTO_VALUE(hop_document) d = hop_document_init(title);
    write_runbook(in, &d);
    hop_status s = hop_tree_add(out, "RUNBOOK.md", d.markdown.data, d.markdown.len, err);
    if (s == HOP_OK)
        s = hop_tree_add(out, "runbook.html", d.html.data, d.html.len, err);
    return s;
}
