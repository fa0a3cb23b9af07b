/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "update_key.h"

/* Made for this world alone. Its secret half is here for all to read, so that the same
 * world is signed with the same bytes everywhere: it vouches for nothing. */

const char *hop_world_get_update_key(void)
{
    return "-----BEGIN PGP PUBLIC KEY BLOCK-----\n"
           "\n"
           "mQENBGWSAIABCADhMHPBndu+Un0u7vesHJxRRfD5Cc07rPKr+J4jLmOGOzDHI0L6\n"
           "NWT9xEwnn9yvzvKcROxwCh+xygDcmhszW4xg/rG5jzrbe8mCHXpevn42j2DbPF3M\n"
           "RzXb/u85SsaJrIo68pfoFpKe9ZIcab5DRui3ZuCnNEuJfSmagNN51u59Fdyz1YVD\n"
           "sFaUEF369evQnbysaNpx7YwQIMme9AXQorJTqAJbzBRThFGaU/Lm3vnNS7muTkBu\n"
           "ykzsBL3h9EfNWhqQ8Qi/eKh4GqiksOh5bLckClCk2QPRC/aSV8uOynbhfVxZ0ret\n"
           "F4wnF2muz6rGOc7BjCvYnnuWrdA215i2ntFNABEBAAG0PW9jLWhvcCBkZW1vIHdv\n"
           "cmxkICh2b3VjaGVzIGZvciBub3RoaW5nKSA8ZGVtb0BvYy1ob3AuaW52YWxpZD6J\n"
           "AU4EEwEKADgWIQSEaG9UB+7AcSaclwEqTm2WvNlI6QUCZZIAgAIbAwULCQgHAgYV\n"
           "CgkICwIEFgIDAQIeAQIXgAAKCRAqTm2WvNlI6WgoB/4lTSlkMeJAfxJYEExCuHl8\n"
           "hJpTu63pOGozyFTRdROJuVs1cMKG6LX80YrpXZ74jTGdCWohcp+Gobly75NgOK4P\n"
           "v5I2vBpBiRmeoqEH/u/Jd3Iza0x5b4IFj6tD2859bKil+k1NohneuKu+KGtmo3Q/\n"
           "eImwWDe5zx4x3ZgPJWIIwVFRgDuR1G1rgmIzi987oX8FZOqauQr/3kW7RXqM/PMr\n"
           "/NbvfuybS/r7VmP5Zb7Zl1MNofvwh2J4zbl04qrwGPyu3tSjj90QTj3lLKqCduRT\n"
           "r+nlkPNA697HGLEsNm8pIh8uswRRPkBhDA2dO3kdYPnXp0R6M5G1U3Mowld7oSG0\n"
           "=uspw\n"
           "-----END PGP PUBLIC KEY BLOCK-----\n";
}

const char *hop_world_get_secret_key(void)
{
    return "-----BEGIN PGP PRIVATE KEY BLOCK-----\n"
           "\n"
           "lQOYBGWSAIABCADhMHPBndu+Un0u7vesHJxRRfD5Cc07rPKr+J4jLmOGOzDHI0L6\n"
           "NWT9xEwnn9yvzvKcROxwCh+xygDcmhszW4xg/rG5jzrbe8mCHXpevn42j2DbPF3M\n"
           "RzXb/u85SsaJrIo68pfoFpKe9ZIcab5DRui3ZuCnNEuJfSmagNN51u59Fdyz1YVD\n"
           "sFaUEF369evQnbysaNpx7YwQIMme9AXQorJTqAJbzBRThFGaU/Lm3vnNS7muTkBu\n"
           "ykzsBL3h9EfNWhqQ8Qi/eKh4GqiksOh5bLckClCk2QPRC/aSV8uOynbhfVxZ0ret\n"
           "F4wnF2muz6rGOc7BjCvYnnuWrdA215i2ntFNABEBAAEAB/9fc73FZsfj4yxL7iBO\n"
           "tKvv6VEtBuIXNwaALbi+WeX22nUhHAnCbEqcJI5RR3pwjSyaX77G+QuZPXJjD/GS\n"
           "se4NmTg1WwiMS2rNe/hIW7+9GcZo96wcsFycnXHCm7cPWXMYbIdGafcJaTdfUtVC\n"
           "yDZRs0prpYeVRlgRtSSu4xOhMg0F/1EApGtbrEiB58pTk2QUofYKE0mIXPtbZ36f\n"
           "bkV/q9rJm/NS7hpwJu/dH6a9U1USrN+PRW02f3b97I94Db6LJG7H+Xbh2SvC2s63\n"
           "7EVfNMQo+8G1LdoE3AEaGQJtFL023yPMKZEllmA3DdTWfZhDTuwqX9sPGrlb0Ljv\n"
           "RzcjBADp1aDqOc07lCJoLajG2SNiqVvOQVsxFI6lnrCBxNCTEqRFEWW4ay/0Iu6x\n"
           "pHbOsVnTwMBkT2D7kcZMyi+rc82Yrr4G3jDvX2Eg6eK2cpstlofQNb9DNT1YBT25\n"
           "StvvBZlDJb4ny31d2JLwmHA0JNrK12czPfX3pURiRbaV2Afv/wQA9okIisO55z2M\n"
           "FNjU6vPER+v7/1tep+Xb8xdYWzMQz4lTJ1xMciLhZQZ5tVrVDyUo4NrTA86/tms3\n"
           "k4zkGdEabutWKQmGuvD/HDtDZrMsvVy0HmlqWnX2oYMSFPlH+bXK+9LZhGjtb1DG\n"
           "aUUOzm1pG8PaRDf1+MDojn/pfGcN/rMEANC5PxvzK63P/q3weTVRsSzg9MAJLW63\n"
           "nwtIH7TEDwGXpePSwOw2HnG0YYsLxhhHW7Yeainb8pZm84PESR5dOfR3uSdeAv+I\n"
           "eWRIFykzEtjkH+RIHHe7i43iPXVNGl3cS17wZU5737Pj2aG5fCXqHVnlP2AO0hgt\n"
           "BdaWqeCws3zzRIq0PW9jLWhvcCBkZW1vIHdvcmxkICh2b3VjaGVzIGZvciBub3Ro\n"
           "aW5nKSA8ZGVtb0BvYy1ob3AuaW52YWxpZD6JAU4EEwEKADgWIQSEaG9UB+7AcSac\n"
           "lwEqTm2WvNlI6QUCZZIAgAIbAwULCQgHAgYVCgkICwIEFgIDAQIeAQIXgAAKCRAq\n"
           "Tm2WvNlI6WgoB/4lTSlkMeJAfxJYEExCuHl8hJpTu63pOGozyFTRdROJuVs1cMKG\n"
           "6LX80YrpXZ74jTGdCWohcp+Gobly75NgOK4Pv5I2vBpBiRmeoqEH/u/Jd3Iza0x5\n"
           "b4IFj6tD2859bKil+k1NohneuKu+KGtmo3Q/eImwWDe5zx4x3ZgPJWIIwVFRgDuR\n"
           "1G1rgmIzi987oX8FZOqauQr/3kW7RXqM/PMr/NbvfuybS/r7VmP5Zb7Zl1MNofvw\n"
           "h2J4zbl04qrwGPyu3tSjj90QTj3lLKqCduRTr+nlkPNA697HGLEsNm8pIh8uswRR\n"
           "PkBhDA2dO3kdYPnXp0R6M5G1U3Mowld7oSG0\n"
           "=LFGv\n"
           "-----END PGP PRIVATE KEY BLOCK-----\n";
}
