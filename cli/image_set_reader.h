/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * How an ImageSetConfiguration is read: mappings by tables of their keys, so that a key
 * which nobody knows is an error, and the values that several keys share.
 *
 *     static const hop_reader_key KEYS[] = {
 *         {"name", HOP_API_BOTH, hop_reader_text, offsetof(channel, name)},
 *     };
 *     s = hop_reader_mapping(&r, node, "a channel", KEYS, 1, &channel, err);
 */
#ifndef IMAGE_SET_READER_H
#define IMAGE_SET_READER_H

#include "hop_yaml.h"
#include "image_set.h"

typedef enum hop_api {
    HOP_API_V1ALPHA2 = 1u << 0,
    HOP_API_V2ALPHA1 = 1u << 1,
} hop_api;
#define HOP_API_BOTH (HOP_API_V1ALPHA2 | HOP_API_V2ALPHA1)

typedef struct hop_reader {
    const hop_yaml *y;
    hop_api api;
    hop_image_set *out;
} hop_reader;

/** A key of a mapping, and who reads its value; null values are passed over. */
typedef struct hop_reader_key {
    const char *name;
    unsigned apis;
    hop_status (*read)(const hop_reader *r, const hop_yaml_node *value, void *to,
                       hop_error **err);
    size_t offset; /* in what is being filled */
} hop_reader_key;

/** Reads the members of a mapping that `keys` names into `to`; any other is HOP_E_PARSE.
 * `what` names the mapping in errors. */
HOP_MUST_USE hop_status hop_reader_mapping(const hop_reader *r, const hop_yaml_node *in,
                                           const char *what, const hop_reader_key *keys,
                                           size_t count, void *to, hop_error **err);

/* `to` is a char * that is owned, or a bool. */
HOP_MUST_USE hop_status hop_reader_text(const hop_reader *r, const hop_yaml_node *value,
                                        void *to, hop_error **err);
HOP_MUST_USE hop_status hop_reader_version(const hop_reader *r,
                                           const hop_yaml_node *value, void *to,
                                           hop_error **err);
HOP_MUST_USE hop_status hop_reader_bool(const hop_reader *r, const hop_yaml_node *value,
                                        void *to, hop_error **err);

#endif
