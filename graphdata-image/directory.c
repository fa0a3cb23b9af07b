/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "graphdata.h"
#include "hop_file.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

hop_status graphdata_list_dir(const char *full, hop_strings *names, hop_error **err)
{
    DIR *dir = opendir(full);
    if (!dir)
        return hop_error_set(err, hop_status_of_errno(errno), "open directory %s: %s",
                             full, strerror(errno));
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (!entry || names->len > GRAPHDATA_MAX_MEMBERS)
            break;
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            hop_strings_add(names, entry->d_name);
    }
    int failure = errno;
    (void)closedir(dir);
    if (failure != 0)
        return hop_error_set(err, hop_status_of_errno(failure), "read directory %s: %s",
                             full, strerror(failure));
    if (names->len > GRAPHDATA_MAX_MEMBERS)
        return hop_error_set(err, HOP_E_LIMIT, "directory %s: more than %zu files", full,
                             GRAPHDATA_MAX_MEMBERS);
    /* The order of a directory is an accident; what is reported first should not be. */
    hop_strings_sort(names);
    return HOP_OK;
}
