# SPDX-License-Identifier: GPL-3.0-or-later
hop_unit_test(test_media hop_mirror)
hop_unit_test(test_signing hop_mirror PkgConfig::RNP)
hop_unit_test(test_media_disk hop_mirror)
hop_unit_test(test_media_drive hop_mirror)
hop_unit_test(test_media_writer hop_mirror)
hop_unit_test(test_media_stock hop_mirror)
