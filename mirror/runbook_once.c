/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is done before the first hop. Trust and credentials come before the mirror set
 * that needs them, so that the nodes roll over all of it once. */
#include "runbook.h"

#include <string.h>

#define OSUS HOP_NAMESPACE_UPDATE_SERVICE
#define POLICY_ENGINE                                                             \
    "oc -n " OSUS " get updateservice " HOP_NAME_UPDATE_SERVICE " -o jsonpath='{" \
    ".status.policyEngineURI}'"

/* ---- the cluster's state ---- */

static void add_start_versions(const hop_resources_input *in, hop_document *d)
{
    HOP_AUTO_VALUE(hop_buf) list = hop_buf_init(HOP_BUF_TEXT);
    for (size_t first = 0; first < in->hop_count;) {
        hop_buf_addf(&list, "%s`%s`", first ? " or " : "", in->hops[first].from);
        first += hop_resources_path_at(in, first).count;
    }
    hop_document_paragraph(d, "The cluster must run %s:", hop_buf_get(&list));
    hop_document_commands(d, "oc get clusterversion version "
                             "-o jsonpath='{.status.desired.version}{\"\\n\"}'\n");
}

static void add_health(const hop_resources_input *in, hop_document *d)
{
    hop_document_heading(d, 2, "Look at the cluster");
    add_start_versions(in, d);
    hop_document_paragraph(d, "No update may be under way, no operator degraded, no pool "
                              "updating or paused, every node ready:");
    hop_document_commands(d, "oc adm upgrade\n"
                             "oc get clusteroperators,machineconfigpools,nodes\n");
    hop_document_paragraph(d, "Back up etcd, and carry the backup off the node; this is "
                              "the way back when an update fails for good:");
    hop_document_commands(
        d, "oc debug --as-root node/\"$(oc get nodes -l node-role.kubernetes.io/master "
           "-o jsonpath='{.items[0].metadata.name}')\" -- chroot /host "
           "/usr/local/bin/cluster-backup.sh /home/core/assets/backup\n");
}

/* ---- trust and credentials ---- */

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

static void add_pull_secret(const hop_resources_input *in, hop_document *d)
{
    HOP_AUTO_VALUE(hop_buf) look = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_VALUE(hop_buf) add = hop_buf_init(HOP_BUF_TEXT);
    hop_document_heading(d, 3, "Credentials for the mirror");
    hop_document_paragraph(d, "Leave this out when anybody may read the mirror, or when "
                              "the global pull secret knows it: then this prints 1.");
    hop_buf_adds(&look, "oc -n openshift-config get secret pull-secret -o "
                        "go-template='{{index .data \".dockerconfigjson\" | "
                        "base64decode}}' | grep -Fc ");
    HOP_AUTO_STR quoted = hop_sprintf("\"%s\"", in->host);
    hop_buf_add_shell(&look, quoted);
    hop_buf_addc(&look, '\n');
    hop_document_commands(d, hop_buf_get(&look));
    hop_document_paragraph(d,
                           "Else add it, with a user that can only read. The file holds "
                           "secrets: it is readable by you alone, and goes at the end.");
    /* What reads from the keyboard ends its block: a paste must not be its answer. */
    hop_document_commands(d, "umask 077\n"
                             "oc -n openshift-config extract secret/pull-secret "
                             "--keys=.dockerconfigjson --to=. --confirm\n"
                             "read -r -p 'user who can read the mirror: ' reader\n");
    hop_document_commands(d, "read -r -s -p 'password: ' password\n");
    hop_buf_adds(&add, "oc registry login --skip-check --registry=");
    hop_buf_add_shell(&add, in->host);
    hop_buf_adds(&add, " --auth-basic=\"$reader:$password\" --to=.dockerconfigjson\n"
                       "oc -n openshift-config set data secret/pull-secret "
                       "--from-file=.dockerconfigjson=.dockerconfigjson\n"
                       "rm .dockerconfigjson\n");
    hop_document_commands(d, hop_buf_get(&add));
}

/* ---- the mirror set ---- */

static void add_apply_set(const hop_resources_input *in, hop_path_span path,
                          bool is_alone, hop_document *d)
{
    hop_set_choice choice = hop_resources_choose_set(in, path);
    const char *start = path.count ? in->hops[path.first].from : in->releases[0].version;
    if (!is_alone)
        hop_document_paragraph(d, "For the cluster that runs `%s`:", start);
    if (!choice.uses_icsp && !hop_numbers_reach(start, 4, 13, 27))
        hop_document_paragraph(
            d, "If the cluster has an ImageContentSourcePolicy, convert that first (`oc "
               "adm migrate icsp`): below 4.13.27 both kinds cannot stand beside each "
               "other.");
    hop_document_commands(d, choice.uses_icsp ? "oc apply -f " HOP_FILE_ICSP "\n"
                                              : "oc apply -f " HOP_FILE_IDMS "\n");
}

/* Nodes pull by the name that payloads have in the graph, and find the mirror. */
static void add_pull_check(const hop_resources_input *in, hop_document *d)
{
    const hop_resources_release *r = &in->releases[in->release_count - 1];
    HOP_AUTO_VALUE(hop_buf) command = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_STR image = hop_sprintf("%s@%s", r->payload_repository, r->payload.text);
    hop_buf_adds(&command, "oc debug node/\"$(oc get nodes -o "
                           "jsonpath='{.items[0].metadata.name}')\" -- chroot /host "
                           "crictl pull ");
    hop_buf_add_shell(&command, image);
    hop_buf_addc(&command, '\n');
    hop_document_paragraph(d,
                           "See that a node finds release `%s` in the mirror. If this "
                           "fails, no update will work:",
                           r->version);
    hop_document_commands(d, hop_buf_get(&command));
}

static void add_mirror_set(const hop_resources_input *in, hop_document *d)
{
    hop_document_heading(d, 3, "Where images are found");
    hop_path_span path = hop_resources_path_at(in, 0);
    bool is_alone = path.count == in->hop_count;
    add_apply_set(in, path, is_alone, d);
    while (path.first + path.count < in->hop_count) {
        path = hop_resources_path_at(in, path.first + path.count);
        add_apply_set(in, path, is_alone, d);
    }
    hop_document_paragraph(d, "The nodes take this over one after the other. Applying "
                              "the same file again changes nothing.");
    hop_runbook_add_wait_for_nodes(d);
    add_pull_check(in, d);
}

/* ---- signatures and the update service ---- */

static void add_signatures(const hop_resources_input *in, hop_document *d)
{
    bool has_any = false;
    for (size_t i = 0; i < in->release_count; i++)
        has_any |= in->releases[i].signature_count > 0;
    if (!has_any)
        return;
    hop_document_heading(d, 3, "Signatures");
    hop_document_paragraph(d, "Inside the gap the cluster can ask no signature store; it "
                              "verifies each release with these:");
    for (size_t i = 0; i < in->release_count; i++) {
        const hop_resources_release *r = &in->releases[i];
        HOP_AUTO_STR file = hop_resources_signature_file(r);
        if (r->signature_count > 0)
            hop_document_item(d, "`%s` (%s), `%s`: `%s`", r->version, r->arch,
                              r->payload.text, file);
    }
    hop_document_commands(d, "oc apply -f signatures/\n"
                             "oc -n openshift-config-managed get configmaps "
                             "-l release.openshift.io/verification-signatures\n");
}

static void add_service_check(const hop_resources_input *in, hop_document *d)
{
    if (in->hop_count == 0 || !in->hops[0].channel)
        return;
    const hop_resources_hop *hop = &in->hops[0];
    HOP_AUTO_STR commands =
        hop_sprintf("uri=$(" POLICY_ENGINE ")\n"
                    "curl --silent --show-error --fail --insecure --header 'Accept: "
                    "application/json' "
                    "\"$uri/api/upgrades_info/v1/graph?channel=%s&arch=%s\" | grep -Eo "
                    "'\"version\": *\"[^\"]+\"'\n",
                    hop->channel, hop->arch);
    hop_document_paragraph(d,
                           "Its answer for the first hop must name `%s` and `%s` "
                           "(`--insecure` is for this look alone):",
                           hop->from, hop->to);
    hop_document_commands(d, commands);
}

static void add_update_service(const hop_resources_input *in, hop_document *d)
{
    hop_document_paragraph(d,
                           "The OpenShift Update Service operator must be installed in "
                           "the namespace `%s`. It pulls with the global pull secret, "
                           "and trusts the key `updateservice-registry` of the "
                           "ConfigMap that `additionalTrustedCA` names.",
                           OSUS);
    hop_document_commands(d, "oc apply -f " HOP_FILE_UPDATE_SERVICE "\n"
                             "until " POLICY_ENGINE " | grep -q .; do sleep 10; done\n"
                             "oc -n " OSUS " wait deployment " HOP_NAME_UPDATE_SERVICE
                             " --for=condition=Available --timeout=30m\n");
    add_service_check(in, d);
    hop_document_paragraph(d, "Then point the cluster at it:");
    hop_document_commands(d, "uri=$(" POLICY_ENGINE ")\n"
                             "oc patch clusterversion version --type=merge "
                             "-p \"{\\\"spec\\\":{\\\"upstream\\\":"
                             "\\\"$uri/api/upgrades_info/v1/graph\\\"}}\"\n");
    hop_document_paragraph(d, "The cluster must trust the certificate of that address. "
                              "Where the router's is private, put its authority under "
                              "`ca-bundle.crt` into the ConfigMap in `openshift-config` "
                              "that this names, or make one and name it there:");
    hop_document_commands(d, "oc get proxy cluster "
                             "-o jsonpath='{.spec.trustedCA.name}{\"\\n\"}'\n");
}

void hop_runbook_add_wait_for_nodes(hop_document *d)
{
    /* A pool still calls itself updated for a moment after a change. */
    hop_document_commands(
        d, "sleep 120; oc get machineconfigpools\n"
           "oc wait machineconfigpool --all --for=condition=Updated=True --timeout=6h\n");
}

void hop_runbook_add_once(const hop_resources_input *in, hop_document *d)
{
    if (in->hop_count > 0)
        add_health(in, d);
    hop_document_heading(d, 2, "Apply once");
    if (in->ca_pem)
        add_ca(d);
    add_pull_secret(in, d);
    add_mirror_set(in, d);
    add_signatures(in, d);
    if (in->graph_data_repository || in->hop_count > 0)
        hop_document_heading(d, 3, "The update service");
    if (in->graph_data_repository)
        add_update_service(in, d);
    if (in->hop_count > 0)
        hop_document_paragraph(d, "Without an update service, any web server can serve "
                                  "the files in `graphs/` instead, one channel each; "
                                  "make the address of the hop's file the `upstream` "
                                  "before the hop.");
}
