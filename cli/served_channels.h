/* SPDX-License-Identifier: GPL-3.0-or-later */
/**
 * What a simulated update service offers, channel by channel, whatever is planned.
 */
#ifndef SERVED_CHANNELS_H
#define SERVED_CHANNELS_H

#include "hop_osus.h"
#include "served.h"

/** Fills out->channels. Where out->state says that there is no plan, a release that no
 * channel has is a finding. */
void hop_served_list_channels(const hop_osus *service, hop_proof *proof, hop_served *out);

#endif
