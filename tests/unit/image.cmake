# SPDX-License-Identifier: GPL-3.0-or-later
hop_unit_test(test_tar hop_image)
hop_unit_test(test_graphdata_tree hop_image)
hop_unit_test(test_image_build hop_image)
hop_unit_test(test_image_layout hop_image)
hop_unit_test(test_graphdata_changes hop_image)
hop_unit_test(test_image_no_copier hop_image)
