# SPDX-License-Identifier: GPL-3.0-or-later
hop_unit_test(test_options hop_cli)
hop_unit_test(test_exit_code hop_cli)
hop_unit_test(test_registry_options hop_cli)
hop_unit_test(test_transfer_report hop_cli)
hop_unit_test(test_cluster hop_cli)
