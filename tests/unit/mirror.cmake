# SPDX-License-Identifier: GPL-3.0-or-later
hop_unit_test(test_auth hop_mirror)
hop_unit_test(test_credential_helper hop_mirror)
hop_unit_test(test_pipe hop_mirror)
hop_unit_test(test_proxy hop_mirror)
hop_unit_test(test_queue hop_mirror)
hop_unit_test(test_registry hop_mirror)
hop_unit_test(test_side hop_mirror)
hop_unit_test(test_transfer hop_mirror)
