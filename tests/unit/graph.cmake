# SPDX-License-Identifier: GPL-3.0-or-later
hop_unit_test(test_version hop_graph)
hop_unit_test(test_bignum hop_graph)
hop_unit_test(test_igraph_bridge hop_graph)
hop_unit_test(test_cincinnati hop_graph)
hop_unit_test(test_model hop_graph)
hop_unit_test(test_plan hop_graph)
hop_unit_test(test_plan_cases hop_graph)
set_tests_properties(test_plan_cases PROPERTIES TIMEOUT 120)

# These look at plans through the renderers of cli/.
hop_unit_test(test_plan_report hop_cli)
hop_unit_test(test_plan_set hop_cli)
hop_unit_test(test_plan_random hop_cli)
hop_unit_test(test_plan_facts hop_cli)
hop_unit_test(test_pattern hop_graph)
hop_unit_test(test_osus hop_graph)
hop_unit_test(test_lint hop_graph)
