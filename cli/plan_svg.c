/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The drawing as a file of its own: with a caption above and a legend below. */
#include "plan_report.h"

#include "draw_svg.h"
#include "markup.h"
#include "page.h"

#define CAPTION_HEIGHT 56.0
#define LEGEND_LINE 18.0
#define LEGEND_WIDTH 420.0 /* the least that the legend needs */
#define CHANNELS_NAMED ((size_t)10)

#define GLYPH_WIDTH 8.5 /* of the caption */

static void add_channels(hop_buf *out, const hop_plan *plan)
{
    if (plan->channels.len > CHANNELS_NAMED) {
        hop_buf_addf(out, "%zu channels", plan->channels.len);
        return;
    }
    for (size_t i = 0; i < plan->channels.len; i++) {
        hop_buf_adds(out, i ? ", " : "");
        hop_markup_add(out, plan->channels.items[i]);
    }
}

static void add_caption(hop_buf *out, const hop_plan *plan, const char *headline)
{
    hop_buf_adds(out, "<text class=\"caption\" x=\"12\" y=\"24\">");
    hop_markup_add(out, headline);
    hop_buf_adds(out, "</text>\n<text class=\"note\" x=\"12\" y=\"44\">");
    add_channels(out, plan);
    hop_buf_adds(out, "</text>\n");
}

/* Returns its height. */
static double add_legend(hop_buf *out, const hop_drawing *d)
{
    double y = 8;
    for (int i = 0; i < HOP_LEGEND_COUNT; i++) {
        hop_legend_line line = (hop_legend_line)i;
        if (!hop_draw_svg_has(d, line))
            continue;
        hop_buf_addf(out, "<g transform=\"translate(12 %.1f)\">", y);
        hop_draw_svg_add_sample(out, line);
        hop_buf_addf(out, "<text class=\"note\" x=\"50\" y=\"10\">%s</text></g>\n",
                     hop_draw_svg_legend(line));
        y += LEGEND_LINE;
    }
    hop_buf_addf(out, "<text class=\"note\" x=\"12\" y=\"%.1f\">", y + 10);
    hop_draw_svg_add_rest(out, d);
    hop_buf_adds(out, "</text>\n");
    return y + LEGEND_LINE + 8;
}

static void add_frame(hop_buf *out, const char *headline, double width, double height)
{
    hop_buf_addf(out,
                 "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"graph\" role=\"img\" "
                 "width=\"%.0f\" height=\"%.0f\" viewBox=\"0 0 %.0f %.0f\">\n<title>",
                 width, height, width, height);
    hop_markup_add(out, headline);
    hop_buf_adds(out, "</title>\n<style>\n");
    hop_page_add_file(out, &hop_page_drawing_css);
    hop_buf_adds(out, "</style>\n");
    hop_draw_svg_add_markers(out);
    hop_buf_addf(out, "<rect class=\"ground\" width=\"%.0f\" height=\"%.0f\"/>\n", width,
                 height);
}

static double find_width(const hop_drawing *d, size_t headline_length)
{
    double width = 24 + GLYPH_WIDTH * (double)headline_length;
    width = d->width > width ? d->width : width;
    return width > LEGEND_WIDTH ? width : LEGEND_WIDTH;
}

void hop_plan_report_svg(const hop_plan_set *set, const hop_drawing *d, hop_buf *out)
{
    HOP_AUTO_VALUE(hop_buf) headline = hop_buf_init(HOP_BUF_TEXT);
    HOP_AUTO_VALUE(hop_buf) legend = hop_buf_init(HOP_BUF_TEXT);
    hop_plan_report_headline(set, &headline);
    hop_drawing wide = *d;
    wide.width = find_width(d, headline.len);
    double legend_at = CAPTION_HEIGHT + d->height;
    double legend_height = add_legend(&legend, d);
    add_frame(out, hop_buf_get(&headline), wide.width, legend_at + legend_height);
    add_caption(out, set->plans[0], hop_buf_get(&headline));
    hop_buf_addf(out, "<g transform=\"translate(0 %.0f)\">\n", CAPTION_HEIGHT);
    hop_draw_svg_add_body(out, &wide);
    hop_buf_addf(out, "</g>\n<g transform=\"translate(0 %.1f)\">\n%s</g>\n</svg>\n",
                 legend_at, hop_buf_get(&legend));
}
