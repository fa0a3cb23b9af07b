# SPDX-License-Identifier: GPL-3.0-or-later
hop_unit_test(test_names hop_mirror)
hop_unit_test(test_mirror_set hop_mirror)
hop_unit_test(test_archive hop_mirror PkgConfig::ARCHIVE)
hop_unit_test(test_release hop_mirror PkgConfig::ARCHIVE)
hop_unit_test(test_resources hop_mirror)
hop_unit_test(test_rollout hop_mirror)
hop_unit_test(test_signature hop_mirror PkgConfig::RNP)
hop_unit_test(test_sigstore hop_mirror PkgConfig::CRYPTO)
