/* SPDX-License-Identifier: MIT
 *
 * Encrypted parts of HLS (METHOD=AES-128, RFC 8216 4.3.2.4): AES of 128 bits in CBC mode with PKCS7 padding.
 * libavformat's HLS demuxer asks for them as "crypto:URL" or "crypto+URL", with key and iv in the options,
 * and its own protocol would open the URL past us. Belongs to one thread.
 */
#ifndef CME_PULL_AV_CIPHER_H
#define CME_PULL_AV_CIPHER_H

#include <libavformat/avio.h>

/* The URL behind "crypto"; NULL: it is no such URL. */
const char *cme_cipher_plain(const char *url);

/* Reads what `sealed` has, which it takes over. options: "key" and "iv", 16 bytes each as hexadecimal digits.
 * 0 and *pb, or a libavformat error code. */
int cme_cipher_open(AVIOContext **pb, AVIOContext *sealed, AVDictionary *options);

void cme_cipher_close(AVIOContext *pb);

#endif
