/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A volume of removable media, opened and hashed as `verify` does. */
#include "fuzz.h"

#include "hop_media_proof.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static char place[] = "/tmp/oc-hop-fuzz-XXXXXX";

static void leave(void)
{
    (void)rmdir(place);
}

/* One directory for all inputs of a process. */
static const char *directory(void)
{
    static bool is_made;
    if (!is_made) {
        FUZZ_CHECK(mkdtemp(place) && atexit(leave) == 0);
        is_made = true;
    }
    return place;
}

static void write_volume(const char *path, const uint8_t *data, size_t size)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FUZZ_CHECK(fd >= 0);
    FUZZ_CHECK(size == 0 || write(fd, data, size) == (ssize_t)size);
    close(fd);
}

static void check_file(void *user, const hop_digest *digest, uint64_t size_bytes,
                       const char *path)
{
    const size_t *size = user;
    (void)path;
    FUZZ_CHECK(hop_digest_is_valid(digest->text));
    /* Members lie behind each other: no number of parts is larger than the volume. */
    FUZZ_CHECK(size_bytes <= *size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    HOP_AUTO_STR path = hop_sprintf("%s/oc-hop.001.tar", directory());
    HOP_AUTO_VALUE(hop_strings) dirs = {0};
    HOP_AUTO(hop_media_disk) disk = NULL;
    HOP_AUTO_VALUE(hop_proof) proof = {0};
    hop_error *err = NULL;
    write_volume(path, data, size);
    hop_strings_add(&dirs, directory());
    bool is_open = fuzz_is_ok(hop_media_disk_open(&dirs, &disk, &err), &err);
    unlink(path);
    if (!is_open)
        return 0;
    hop_media_disk_each(disk, check_file, &size);
    /* The file is gone: everything in it is found unreadable, and nothing else happens.
     */
    hop_media_proof_opts opts = {.hashing = HOP_MEDIA_HASH_ALL};
    (void)fuzz_is_ok(hop_media_prove(disk, &opts, &proof, &err), &err);
    return 0;
}
