/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * The SVG of a drawing, for a file of its own and for a page.
 */
#ifndef DRAW_SVG_H
#define DRAW_SVG_H

#include "hop_drawing.h"

/** What a reader needs to know the lines by, from the most telling to the least. */
typedef enum hop_legend_line {
    HOP_LEGEND_PATH,
    HOP_LEGEND_ALTERNATIVE,
    HOP_LEGEND_NEEDED,
    HOP_LEGEND_AT_PATH,
    HOP_LEGEND_CONDITIONAL,
    HOP_LEGEND_COUNT,
} hop_legend_line;

/** CSS classes of a line of the legend, and its text. */
typedef struct hop_legend_text {
    const char *classes;
    const char *text;
} hop_legend_text;

hop_legend_text hop_draw_svg_legend(hop_legend_line line);
/** One sentence on what is not in the picture; nothing when all is. Plain text. */
void hop_draw_svg_add_rest(hop_buf *out, const hop_drawing *d);

/** Bands, updates and releases, as <g> elements, for a coordinate system of d->width by
 * d->height. */
void hop_draw_svg_add_body(hop_buf *out, const hop_drawing *d);
/** Arrow heads, once for each document. */
void hop_draw_svg_add_markers(hop_buf *out);

#endif
