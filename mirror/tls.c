/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls.h"

#include "hop_file.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_PEM (8 * HOP_MIB)

void hop_tls_clear(hop_tls *t)
{
    hop_authorities_free(t->authorities);
    hop_buf_clear(&t->ca_pem);
    free(t->client_cert);
    free(t->client_key);
    free(t->host);
    free(t->trouble);
    *t = (hop_tls){0};
}

static hop_status add_ca(hop_tls *t, const char *path, hop_error **err)
{
    hop_status s = hop_file_read(path, &t->ca_pem, err);
    if (s != HOP_OK)
        return hop_error_wrap(err, "read trusted certificates");
    if (t->ca_pem.len > 0 && t->ca_pem.data[t->ca_pem.len - 1] != '\n')
        hop_buf_addc(&t->ca_pem, '\n');
    return HOP_OK;
}

static bool has_text(const hop_buf *b, const char *text)
{
    return b->len > 0 && memmem(b->data, b->len, text, strlen(text));
}

/* libcurl would have OpenSSL ask for the passphrase at the terminal, where nobody waits
 * for that. */
static hop_status check_key(const char *path, hop_error **err)
{
    HOP_AUTO_VALUE(hop_buf) key = hop_buf_init(MAX_PEM);
    hop_status s = hop_file_read(path, &key, err);
    bool is_encrypted = has_text(&key, "-----BEGIN ENCRYPTED PRIVATE KEY-----") ||
                        has_text(&key, "Proc-Type: 4,ENCRYPTED");
    if (key.len > 0)
        explicit_bzero(key.data, key.len);
    if (s != HOP_OK)
        return hop_error_wrap(err, "read client key");
    if (!is_encrypted)
        return HOP_OK;
    s = hop_error_set(err, HOP_E_USAGE,
                      "client key %s: it is encrypted with a passphrase", path);
    hop_error_hint(
        err, "take the passphrase off, for nobody can type it here: `openssl pkey "
             "-in NAME.key -out NAME.new`, `mv NAME.new NAME.key`; keep it readable "
             "for you alone (chmod 600)");
    return s;
}

static hop_status add_client(hop_tls *t, const char *path, hop_error **err)
{
    HOP_AUTO_STR key =
        hop_sprintf("%.*s.key", (int)(strlen(path) - strlen(".cert")), path);
    if (access(key, R_OK) != 0)
        return hop_error_set(err, HOP_E_USAGE, "client certificate %s: its key %s: %s",
                             path, key, strerror(errno));
    if (t->client_cert)
        return HOP_OK;
    hop_status s = check_key(key, err);
    if (s != HOP_OK)
        return s;
    t->client_cert = hop_strdup(path);
    t->client_key = hop_steal(&key);
    return HOP_OK;
}

static hop_status list_directory(const char *path, hop_strings *out, hop_error **err)
{
    DIR *d = opendir(path);
    if (!d)
        return hop_error_set(err, hop_status_of_errno(errno),
                             "certificate directory %s: %s", path, strerror(errno));
    const struct dirent *e = NULL;
    while ((e = readdir(d)))
        hop_strings_add(out, e->d_name);
    closedir(d);
    hop_strings_sort(out);
    return HOP_OK;
}

static hop_status add_directory(hop_tls *t, const char *dir, hop_error **err)
{
    HOP_AUTO_VALUE(hop_strings) names = {0};
    hop_status s = list_directory(dir, &names, err);
    for (size_t i = 0; s == HOP_OK && i < names.len; i++) {
        HOP_AUTO_STR path = hop_sprintf("%s/%s", dir, names.items[i]);
        if (hop_has_suffix(path, ".crt"))
            s = add_ca(t, path, err);
        else if (hop_has_suffix(path, ".cert"))
            s = add_client(t, path, err);
    }
    return s;
}

/* The directory with the certificates of one host; NULL without. */
static char *find_directory(const char *home, const char *host)
{
    HOP_AUTO_STR own = hop_sprintf("%s/.config/containers/certs.d", home ? home : "");
    const char *roots[] = {home && *home ? own : NULL, "/etc/containers/certs.d",
                           "/etc/docker/certs.d"};
    for (size_t i = 0; i < HOP_COUNT_OF(roots); i++) {
        char *path = roots[i] ? hop_sprintf("%s/%s", roots[i], host) : NULL;
        if (path && access(path, R_OK | X_OK) == 0)
            return path;
        free(path);
    }
    return NULL;
}

static void finish(hop_tls *t, const char *host, hop_tls *out)
{
    if (t->mode == HOP_TLS_VERIFY)
        t->authorities = hop_authorities_new(&t->ca_pem);
    t->host = hop_strdup(host);
    *out = *t;
    *t = (hop_tls){0};
}

hop_status hop_tls_load(const hop_side_opts *side, const char *host, hop_tls *out,
                        hop_error **err)
{
    HOP_AUTO_VALUE(hop_tls) t = {.mode = side->tls, .ca_pem = hop_buf_init(MAX_PEM)};
    HOP_AUTO_STR dir = hop_strdup(side->cert_dir);
    if (!dir && host)
        dir = find_directory(side->home, host);
    hop_status s = HOP_OK;
    if (side->ca_file)
        s = add_ca(&t, side->ca_file, err);
    if (s == HOP_OK && dir)
        s = add_directory(&t, dir, err);
    if (s == HOP_OK)
        finish(&t, host, out);
    return s;
}

hop_status hop_tls_load_other(const hop_side_opts *side, const char *host, hop_tls *out,
                              hop_error **err)
{
    HOP_AUTO_VALUE(hop_tls) t = {.mode = side->tls, .ca_pem = hop_buf_init(MAX_PEM)};
    HOP_AUTO_STR dir = find_directory(side->home, host);
    hop_status s = HOP_OK;
    if (side->ca_file)
        s = add_ca(&t, side->ca_file, err);
    if (s == HOP_OK && side->cert_dir)
        s = add_directory(&t, side->cert_dir, err);
    free(hop_steal(&t.client_cert));
    free(hop_steal(&t.client_key));
    if (s == HOP_OK && dir)
        s = add_directory(&t, dir, err);
    if (s == HOP_OK)
        finish(&t, host, out);
    return s;
}
