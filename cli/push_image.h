/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * Hands an image that was built here to the transfer engine.
 */
#ifndef PUSH_IMAGE_H
#define PUSH_IMAGE_H

#include "hop_image.h"
#include "hop_mirror.h"
#include "image_base.h"

/** Adds the image under `repository` with the tags. It is copied, so it may be freed
 * afterwards. `base` is what it was built on; NULL or empty: nothing. */
HOP_MUST_USE hop_status hop_push_image(hop_mirror *m, const hop_image *image,
                                       const hop_base *base, const char *repository,
                                       const hop_strings *tags, hop_error **err);

#endif
