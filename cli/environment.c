/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "environment.h"

#include "options.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void add_if_there(hop_strings *out, const char *dir, const char *name)
{
    if (!dir || !*dir)
        return;
    char *path = hop_sprintf("%s/%s", dir, name);
    if (access(path, F_OK) == 0)
        hop_strings_take(out, &path);
    free(path);
}

static hop_status only_this(const char *what, const char *path, const char *origin,
                            hop_strings *out, hop_error **err)
{
    if (access(path, R_OK) != 0)
        return hop_error_set(err, HOP_E_USAGE, "%s %s (from %s): %s", what, path, origin,
                             strerror(errno));
    hop_strings_add(out, path);
    return HOP_OK;
}

hop_status hop_environment_authfiles(const char *flag, hop_strings *out, hop_error **err)
{
    if (flag)
        return only_this("credential file", flag, "--authfile", out, err);
    const char *named = getenv("REGISTRY_AUTH_FILE");
    if (named && *named)
        return only_this("credential file", named, "REGISTRY_AUTH_FILE", out, err);
    const char *home = getenv("HOME");
    const char *config = getenv("XDG_CONFIG_HOME");
    const char *docker = getenv("DOCKER_CONFIG");
    add_if_there(out, getenv("XDG_RUNTIME_DIR"), "containers/auth.json");
    if (config && *config)
        add_if_there(out, config, "containers/auth.json");
    else
        add_if_there(out, home, ".config/containers/auth.json");
    if (docker && *docker)
        add_if_there(out, docker, "config.json");
    else
        add_if_there(out, home, ".docker/config.json");
    return HOP_OK;
}

/* The .conf files of DIR/NAME in the order of their names. */
static hop_status add_drop_ins(const char *dir, const char *name, hop_strings *out,
                               hop_error **err)
{
    if (!dir || !*dir)
        return HOP_OK;
    HOP_AUTO_STR path = hop_sprintf("%s/%s", dir, name);
    HOP_AUTO_VALUE(hop_strings) names = {0};
    DIR *d = opendir(path);
    if (!d)
        return errno == ENOENT ? HOP_OK
                               : hop_error_set(err, HOP_E_IO, "read directory %s: %s",
                                               path, strerror(errno));
    const struct dirent *entry = NULL;
    while ((entry = readdir(d)))
        if (hop_has_suffix(entry->d_name, ".conf"))
            hop_strings_add(&names, entry->d_name);
    closedir(d);
    hop_strings_sort(&names);
    for (size_t i = 0; i < names.len; i++) {
        char *file = hop_sprintf("%s/%s", path, names.items[i]);
        hop_strings_take(out, &file);
    }
    return HOP_OK;
}

hop_status hop_environment_registries_conf(const char *flag, hop_strings *out,
                                           hop_error **err)
{
    static const char name[] = "registries.conf", drop_ins[] = "registries.conf.d";
    const char *named = getenv("CONTAINERS_REGISTRIES_CONF");
    if (flag)
        return only_this("registries.conf", flag, "--registries-conf", out, err);
    if (named && *named)
        return only_this("registries.conf", named, "CONTAINERS_REGISTRIES_CONF", out,
                         err);
    const char *home = hop_environment_home();
    HOP_AUTO_STR own = home ? hop_sprintf("%s/.config/containers", home) : NULL;
    add_if_there(out, own, name);
    hop_status s = HOP_OK;
    if (out->len == 0) {
        add_if_there(out, "/etc/containers", name);
        s = add_drop_ins("/etc/containers", drop_ins, out, err);
    }
    return s == HOP_OK ? add_drop_ins(own, drop_ins, out, err) : s;
}

/* Set and not empty. */
static const char *either(const char *lower, const char *upper)
{
    const char *value = getenv(lower);
    if (!value || !*value)
        value = getenv(upper);
    return value && *value ? value : NULL;
}

void hop_environment_proxy(hop_proxy_opts *out)
{
    const char *all = either("all_proxy", "ALL_PROXY");
    const char *http = either("http_proxy", "HTTP_PROXY");
    const char *https = either("https_proxy", "HTTPS_PROXY");
    *out = (hop_proxy_opts){.http = http ? http : all,
                            .https = https ? https : all,
                            .no_proxy = either("no_proxy", "NO_PROXY")};
}

const char *hop_environment_home(void)
{
    const char *home = getenv("HOME");
    return home && *home ? home : NULL;
}

const char *hop_environment_path(void)
{
    const char *path = getenv("PATH");
    return path ? path : "";
}

const char *hop_environment_ca_file(void)
{
    const char *file = getenv("SSL_CERT_FILE");
    return file && *file ? file : NULL;
}

const char *hop_environment_tmp_dir(void)
{
    const char *dir = getenv("TMPDIR");
    return dir && *dir ? dir : "/tmp";
}

hop_status hop_environment_source_date(bool *is_set, uint64_t *seconds, hop_error **err)
{
    const char *text = getenv("SOURCE_DATE_EPOCH");
    *is_set = text && *text;
    /* The last second of the year 9999: the four-digit years of RFC 3339. */
    return hop_options_number("SOURCE_DATE_EPOCH", *is_set ? text : NULL, 0,
                              253402300799u, 0, seconds, err);
}

uint64_t hop_environment_seed(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_nsec ^ ((uint64_t)now.tv_sec << 20) ^ (uint64_t)getpid();
}

bool hop_environment_has_terminal(void)
{
    const char *term = getenv("TERM");
    const char *plain = getenv("NO_COLOR");
    return isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0 &&
           !(plain && *plain);
}
