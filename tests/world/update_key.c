/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "update_key.h"

/* Made for this world alone; its secret half was thrown away. */
const char *hop_world_get_update_key(void)
{
    return "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"
           "\n"
           "mQENBGlVuQABCADlpPU++2077xsiz6zLJEmlAST36v26ZbmdMPi9egEQXkCzVl66\n"
           "0AXO7U27UQv9F5GmermOCyt56YkZBBQbtrrXpxKLuvD4+UXSSisvbXiK9LaSAXeq\n"
           "SNRuEb7Bdcda6a1/5r01+JrnjpVQnatWKM+Q/LqJSTNMEtVyPuTrVYpMDlk7m/Ug\n"
           "b70M3P7UqNWIfuYFDdilJm4LeyIvfo6rLzwhJhJkAy0O29EZ96f7MYVEsvnkY5dh\n"
           "yvmYvCarpqV8/ETTc1V9VB8om336ZTiqOzEWBIaSEN3g5t9g+Fl3qUBetonTlpGI\n"
           "FfHBVsRLP/pPU4Jx1lGtLoB5PpxRe9fr6cElABEBAAG0PW9jLWhvcCBkZW1vIHdv\n"
           "cmxkICh2b3VjaGVzIGZvciBub3RoaW5nKSA8ZGVtb0BvYy1ob3AuaW52YWxpZD6J\n"
           "AU4EEwEKADgWIQRVIwa7752d9lwsw905YFChBlRiwAUCaVW5AAIbAwULCQgHAgYV\n"
           "CgkICwIEFgIDAQIeAQIXgAAKCRA5YFChBlRiwKiTCACKTingNc8ljrHNUJZSc8pd\n"
           "HLhPd0dzit+KndtxVuAaeoVo+bupGyTR9nokv4khLDvxaJYM3ZIrjSYuNShI4VMP\n"
           "vi80WJCBFdwKSyOO0mTpriuRwHPlJ18MMg4cDuzFnz3ChgVImNx/VIaPs/g/rbTl\n"
           "tF5DI5e4MlWXYWxmbNmQvmA+5LknlWyiG6zTpAxZe8C+TTFDLXRCeys1RTfgJiov\n"
           "h8WYkOW7+mIZbMgdtLTOkXHUUQftVsdXy/a6bRzkI6J+j/KF00/OLjiKvGeR8iQ5\n"
           "wPASbSTfh8nO1M4mt8XvwnIqn4WNUQhd5dvjLcYcjpoz+TjKV/SQOOSydtrEwn4E\n"
           "=Wxtj\n"
           "-----END PGP PUBLIC KEY BLOCK-----\n";
}
